import type { StarkexMark, StarkexMarks } from '../margin/starkex-margin.ts'
import type { ScanMark, ScanMarks } from './scan-marks.ts'

/** What StarkEx's funding indexes, prices and risk factors are over. */
export const starkexScale = 1n << 32n

/** StarkEx's assets for the scan. */
export function starkexScanMarks(marks: StarkexMarks): ScanMarks {
  return new Map(Object.entries(marks).map(([asset, mark]) => [asset, scanMark(mark)]))
}

function scanMark(mark: StarkexMark): ScanMark {
  const { price, fundingIndex, segments } = mark
  const risks = segments.map(({ riskFactor: risk }, at) => ({ from: smallestIn(at, mark), risk }))
  return {
    price,
    priceScale: starkexScale,
    risks: risks.length > 0 ? risks : [{ from: 0n, risk: 0n }],
    riskScale: starkexScale,
    fundingIndex,
  }
}

/** No smaller balance is in the segment. Rounded down, so that segments begin early rather than late. */
function smallestIn(at: number, { price, segments, segmentedBy }: StarkexMark): bigint {
  const before = segments[at - 1]
  if (!before) return 0n
  if (segmentedBy === 'balance') return before.upperBound
  return price === 0n ? 0n : before.upperBound / price
}
