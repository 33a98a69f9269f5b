import type { Account, Margin } from '../margin/account.ts'
import { evmMargin } from '../margin/evm-margin.ts'
import { evmScanMarks } from '../scan/evm-scan-marks.ts'
import type { ScanMarks } from '../scan/scan-marks.ts'
import type { LiquidationLook } from './liquidation-look.ts'

/** The account's margin by the exchange's own rule; undefined where nothing can be said of it now. */
export function marginIn(account: Account, look: LiquidationLook): Margin | undefined {
  const margin = evmMargin(account, look.book)
  return margin.kind === 'margin' ? margin : undefined
}

/** What the funding indexes of the exchange's holdings are over. */
export function fundingScaleOf(look: LiquidationLook): bigint {
  return look.book.unit
}

/** The exchange's marks for the scan. */
export function scanMarksOf(look: LiquidationLook): ScanMarks {
  return evmScanMarks(look.book)
}
