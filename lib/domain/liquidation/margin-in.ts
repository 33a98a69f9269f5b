import type { Account, Margin } from '../margin/account.ts'
import { evmMargin } from '../margin/evm-margin.ts'
import { coreMargin } from '../margin/starknet-margin.ts'
import { coreFundingScale, coreScanMarks } from '../scan/core-scan-marks.ts'
import { evmScanMarks } from '../scan/evm-scan-marks.ts'
import type { ScanMarks } from '../scan/scan-marks.ts'
import type { LiquidationLook } from './liquidation-look.ts'

/** The account's margin by the exchange's own rule; undefined where nothing can be said of it now. */
export function marginIn(account: Account, look: LiquidationLook): Margin | undefined {
  const margin =
    look.kind === 'evm-engine'
      ? evmMargin(account, look.book)
      : coreMargin(account, look.marks, look.generation)
  return margin.kind === 'margin' ? margin : undefined
}

/** What the funding indexes of the exchange's holdings are over. */
export function fundingScaleOf(look: LiquidationLook): bigint {
  return look.kind === 'evm-engine' ? look.book.unit : coreFundingScale
}

/** The exchange's marks for the scan. */
export function scanMarksOf(look: LiquidationLook): ScanMarks {
  return look.kind === 'evm-engine' ? evmScanMarks(look.book) : coreScanMarks(look.marks)
}
