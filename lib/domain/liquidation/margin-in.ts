import type { Account, Margin } from '../margin/account.ts'
import { evmMargin } from '../margin/evm-margin.ts'
import { starkexMargin } from '../margin/starkex-margin.ts'
import { coreMargin } from '../margin/starknet-margin.ts'
import { coreFundingScale, coreScanMarks } from '../scan/core-scan-marks.ts'
import { evmScanMarks } from '../scan/evm-scan-marks.ts'
import type { ScanMarks } from '../scan/scan-marks.ts'
import { starkexScale, starkexScanMarks } from '../scan/starkex-scan-marks.ts'
import type { LiquidationLook } from './liquidation-look.ts'

/** The account's margin by the exchange's own rule; undefined where nothing can be said of it now. */
export function marginIn(account: Account, look: LiquidationLook): Margin | undefined {
  const margin = sayIn(account, look)
  return margin.kind === 'margin' ? margin : undefined
}

function sayIn(account: Account, look: LiquidationLook) {
  switch (look.kind) {
    case 'evm-engine':
      return evmMargin(account, look.book)
    case 'starknet-perpetual':
      return coreMargin(account, look.marks, look.generation)
    case 'starkex':
      return starkexMargin(account, look.marks)
  }
}

/** What the funding indexes of the exchange's holdings are over. */
export function fundingScaleOf(look: LiquidationLook): bigint {
  switch (look.kind) {
    case 'evm-engine':
      return look.book.unit
    case 'starknet-perpetual':
      return coreFundingScale
    case 'starkex':
      return starkexScale
  }
}

/** The exchange's marks for the scan. */
export function scanMarksOf(look: LiquidationLook): ScanMarks {
  switch (look.kind) {
    case 'evm-engine':
      return evmScanMarks(look.book)
    case 'starknet-perpetual':
      return coreScanMarks(look.marks)
    case 'starkex':
      return starkexScanMarks(look.marks)
  }
}
