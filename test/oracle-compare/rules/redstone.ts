import { mean, median, sum, weightedMedian } from '../arithmetic.ts'
import type { Rule } from '../rule.ts'
import { answerOf, inUsd, legRates, pricesOf } from './in-usd.ts'

/** `maxPriceDeviationPercent` and `deviationWithRecentValues` of redstone-primary: for tokens, and for stablecoins. */
const maxDeviation = 0.3
const maxStableDeviation = 0.02
const recentMs = 120_000

/** 1 % of the configured sources, as `minValidSourcesPercentage` is in redstone-primary. */
const leastSources = 1

/**
 * RedStone (redstone-node, src/aggregators/median-aggregator.ts; the manifests of redstone-oracles-monorepo b9dea4f): no
 * NaN and nothing at or below zero, the median, without those further than 30 % from it the median again; held back where
 * it is as far from the mean of its own values of the last two minutes. Stablecoins by their USD books.
 */
export const redstone: Rule = {
  name: 'RedStone',
  begin() {
    let recent: readonly { readonly price: number; readonly at: number }[] = []
    return (round) => {
      const prices = pricesOf(inUsd(round.market, legRates(round, 1, nearStable)))
      const answer = answerOf(positive(prices), leastSources, (values) =>
        near(values, maxDeviation),
      )
      recent = recent.filter(({ at }) => round.now - at <= recentMs)
      if (answer.kind === 'none') return answer
      const usual = mean(recent.map(({ price }) => price))
      if (usual !== undefined && Math.abs(answer.price - usual) / usual > maxDeviation)
        return { kind: 'none', why: 'too far from its recent values' }
      recent = [...recent, { price: answer.price, at: round.now }]
      return answer
    }
  },
}

/**
 * RedStone's weighted median with one source's weight limited (packages/utils/src/ISafeNumber/ISafeNumberWeighted.ts,
 * `limitWeights`), by the volume that venues say they had.
 */
export const redstoneWeighted: Rule = {
  name: 'RedStone, capped volume',
  begin:
    ({ minSources }) =>
    (round) => {
      const priced = inUsd(round.market, legRates(round, 1, median)).filter(
        ({ price }) => price > 0,
      )
      const weights = capped(priced.map(({ seen }) => seen.volume))
      const weighted = priced.map(({ price }, index) => ({
        value: price,
        weight: weights[index] ?? 0,
      }))
      return answerOf(pricesOf(priced), minSources, () => weightedMedian(weighted))
    },
}

function nearStable(values: readonly number[]): number | undefined {
  return near(values, maxStableDeviation)
}

function near(values: readonly number[], most: number): number | undefined {
  const usable = positive(values)
  const first = median(usable)
  if (first === undefined) return undefined
  return median(usable.filter((value) => Math.abs(value - first) / first <= most))
}

function positive(values: readonly number[]): readonly number[] {
  return values.filter((value) => Number.isFinite(value) && value > 0)
}

/** Shares of the whole, the largest ones cut to the cap and what they lose given to the others in proportion. */
function capped(volumes: readonly number[]): readonly number[] {
  const cap = capFor(volumes.length)
  const total = sum(volumes)
  const shares = volumes.map((volume) => (total > 0 ? volume / total : 1 / volumes.length))
  const high = new Set<number>()
  for (;;) {
    const rest = sum(shares.filter((_, index) => !high.has(index)))
    const left = 1 - cap * high.size
    const scaled = shares.map((share, index) =>
      high.has(index) ? cap : rest > 0 ? (share / rest) * left : 0,
    )
    const over = scaled.flatMap((share, index) => (share > cap && !high.has(index) ? [index] : []))
    if (over.length === 0 || cap * (high.size + over.length) >= 1) return scaled
    for (const index of over) high.add(index)
  }
}

function capFor(count: number): number {
  if (count <= 3) return 0.4
  if (count <= 5) return 0.35
  if (count <= 7) return 0.3
  if (count <= 10) return 0.25
  return count <= 14 ? 0.2 : 0.15
}
