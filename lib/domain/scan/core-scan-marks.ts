import type { CoreMark, CoreMarks } from '../margin/starknet-margin.ts'
import type { ScanMark, ScanMarks } from './scan-marks.ts'

/** What starknet-perpetual's funding indexes are over. */
export const coreFundingScale = 1n << 32n

const priceScale = 1n << 28n

/** Core's assets for the scan. Risk counts the same whether it is required beside the value or taken off it. */
export function coreScanMarks(marks: CoreMarks): ScanMarks {
  return new Map(Object.entries(marks).map(([asset, mark]) => [asset, scanMark(mark)]))
}

function scanMark(mark: CoreMark): ScanMark {
  const { kind, price, fundingIndex, riskFactorTiers: tiers } = mark
  const risks = tiers.flatMap((risk, tier) => {
    const from = smallestIn(tier, mark)
    return from === undefined ? [] : [{ from, risk }]
  })
  const base = {
    price,
    priceScale,
    risks: risks.length > 0 ? risks : [{ from: 0n, risk: 0n }],
    riskScale: 1_000n,
  }
  return kind === 'synthetic' ? { ...base, fundingIndex } : { ...base, isDiscounted: true }
}

/** No smaller balance is in the tier; undefined where none is. Rounded down, so that tiers begin early rather than late. */
function smallestIn(tier: number, mark: CoreMark): bigint | undefined {
  if (tier === 0) return 0n
  const { price, firstTierBoundary, tierSize } = mark
  const value = firstTierBoundary + BigInt(tier - 1) * tierSize
  if (value === 0n) return 0n
  return price === 0n ? undefined : (value * priceScale) / price
}
