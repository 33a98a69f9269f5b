import { isBeyondBps } from './bps.ts'
import { Decimal } from './decimal.ts'
import type { AggregationRules } from './feed.ts'
import { medianDeviation } from './median.ts'

/**
 * For each price, whether it agrees with the median of all. A gate only: the median never loses a price to it, since a
 * median of survivors can be pushed out of the honest range by liars that sit close together.
 */
export function agreement(
  prices: readonly Decimal[],
  median: Decimal,
  rules: AggregationRules,
): readonly boolean[] {
  if (prices.length === 2) {
    const together = !isPairApart(prices, rules.pairBandBps)
    return prices.map(() => together)
  }
  const band = bandOf(prices, median, rules)
  return prices.map((price) => price.sub(median).abs().lte(band))
}

/** Whether the prices' spread is more than `bandBps` of the lowest. */
export function isPairApart(prices: readonly Decimal[], bandBps: number): boolean {
  const low = Decimal.min(...prices)
  return isBeyondBps(Decimal.max(...prices).sub(low), low, bandBps)
}

/** Five standard deviations, estimated from the median deviation (1.4826 is the ratio of the two for a normal spread). */
const deviations = new Decimal('1.4826').mul(5)

function bandOf(prices: readonly Decimal[], median: Decimal, rules: AggregationRules): Decimal {
  const inBps = (bps: number): Decimal => median.mul(bps).div(10_000)
  // Three are too few to measure a spread by.
  if (prices.length <= 3) return inBps(rules.hardBandBps)
  const measured = medianDeviation(prices, median).mul(deviations)
  return Decimal.max(measured, inBps(rules.floorBps))
}
