import { deviation, mean, sum } from '../arithmetic.ts'
import type { Rule } from '../rule.ts'
import { answerOf, inUsd, keyOf, legRates } from './in-usd.ts'

const windowMs = 10 * 60_000

/** What a candle at the far end of the window still weighs; the newest weighs 1. */
const leastTimeWeight = 0.2

type Candle = { readonly price: number; readonly volume: number; readonly at: number }

/**
 * Ojo, of Umee (price-feeder 5f82e10, oracle/filter.go and oracle/convert.go): candles of ten minutes weighted by volume
 * and time, providers further than one standard deviation from the mean left out where there are three and more, then one
 * average over the candles of all that remain. Stablecoins by the same filter of theirs.
 */
export const ojo: Rule = {
  name: 'Ojo / Umee',
  begin({ minSources, minLegSources }) {
    const candles = new Map<string, readonly Candle[]>()
    return (round) => {
      const { now } = round
      const rate = legRates(round, minLegSources, (values) => mean(withinDeviation(values)))
      const priced = inUsd(round.market, rate)
      for (const { seen, price } of priced) {
        const before = candles.get(keyOf(seen)) ?? []
        const candle = { price, volume: seen.volume, at: now }
        candles.set(
          keyOf(seen),
          [...before, candle].filter(({ at }) => now - at < windowMs),
        )
      }
      const providers = priced.map(({ seen }) => candles.get(keyOf(seen)) ?? [])
      const averages = providers.map((all) => average(all, now))
      const kept = new Set(withinDeviation(averages))
      return answerOf(averages, minSources, () =>
        average(providers.filter((_, index) => kept.has(averages[index] ?? NaN)).flat(), now),
      )
    }
  },
}

function average(candles: readonly Candle[], now: number): number {
  const weights = candles.map(({ volume, at }) => {
    const age = (now - at) / windowMs
    return volume * (1 - (1 - leastTimeWeight) * age)
  })
  const total = sum(weights)
  // Minutes without a trade weigh nothing, and a provider that had none counts by its price alone.
  if (total === 0) return mean(candles.map(({ price }) => price)) ?? NaN
  return sum(candles.map(({ price }, index) => price * (weights[index] ?? 0))) / total
}

function withinDeviation(values: readonly number[]): readonly number[] {
  if (values.length < 3) return values
  const middle = mean(values) ?? 0
  const one = deviation(values)
  return values.filter((value) => Math.abs(value - middle) <= one)
}
