import type { EvmBook } from '../margin/evm-margin.ts'
import type { ScanMarks } from './scan-marks.ts'

/** The EVM engine's markets for the scan; its funding indexes are over the book's unit. */
export function evmScanMarks({ marks, unit }: EvmBook): ScanMarks {
  return new Map(
    Object.entries(marks).map(([asset, { price, fundingIndex, maintenanceMarginBps }]) => [
      asset,
      {
        price,
        priceScale: unit,
        risks: [{ from: 0n, risk: maintenanceMarginBps }],
        riskScale: 10_000n,
        fundingIndex,
      },
    ]),
  )
}
