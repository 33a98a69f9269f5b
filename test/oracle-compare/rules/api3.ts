import { median } from '../arithmetic.ts'
import type { Rule } from '../rule.ts'
import { answerOf, inUsd, keyOf, legRates } from './in-usd.ts'

/** Signed data older than this is not taken. */
const freshForMs = 24 * 60 * 60_000

type Beacon = { readonly value: number; readonly at: number }

/**
 * API3's beacon sets (airseeker-v2 becccf1, src/deviation-check/deviation-check.ts; signed-api v4.6.0): every source is a
 * beacon that signs its value with the time of asking; the set's value is the median of all beacons' newest values, a
 * silent one keeping what it said last. Stablecoins cost the median of theirs.
 */
export const api3: Rule = {
  name: 'API3 beacon set',
  begin({ minSources }) {
    const beacons = new Map<string, Beacon>()
    return (round) => {
      for (const { seen, price } of inUsd(round.market, legRates(round, 1, median)))
        beacons.set(keyOf(seen), { value: price, at: round.now })
      const fresh = [...beacons.values()].filter(({ at }) => round.now - at <= freshForMs)
      return answerOf(
        fresh.map(({ value }) => value),
        minSources,
        median,
      )
    }
  },
}
