import { median } from '../arithmetic.ts'
import type { Rule } from '../rule.ts'
import { answerOf, inUsd, keyOf, legRates } from './in-usd.ts'

/** bothan's `stale_threshold`, by the time of receiving. */
const staleMs = 300_000

/**
 * Band (bothan e7390cd, the `median` processor with min_source_count and routes to USD): the median of every source heard
 * of in the last five minutes. Validators that see the same venues vote the same, whatever weighs them.
 */
export const band: Rule = {
  name: 'Band bothan',
  begin({ minSources, minLegSources }) {
    const heard = new Map<string, { readonly value: number; readonly at: number }>()
    return (round) => {
      for (const { seen, price } of inUsd(round.market, legRates(round, minLegSources, median)))
        heard.set(keyOf(seen), { value: price, at: round.now })
      const recent = [...heard.values()].filter(({ at }) => round.now - at <= staleMs)
      return answerOf(
        recent.map(({ value }) => value),
        minSources,
        median,
      )
    }
  },
}
