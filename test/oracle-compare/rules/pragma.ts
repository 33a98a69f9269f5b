import { median } from '../arithmetic.ts'
import type { Rule } from '../rule.ts'
import { answerOf, inUsd, keyOf, legRates } from './in-usd.ts'

/** The contract's BACKWARD: entries this much older than the newest still count. */
const backwardMs = 3_600_000

/**
 * Pragma on Starknet (pragma-sdk ef552cc, common/fetchers; pragma-oracle, src/oracle/oracle.cairo): entries bear the time
 * of asking and count for an hour; the median over sources, of an even count (a + b) / 2. A stablecoin costs what its own
 * feed on the chain said last, and 1.0 where it said nothing.
 */
export const pragma: Rule = {
  name: 'Pragma',
  begin({ legs, minSources, minLegSources }) {
    const entries = new Map<string, { readonly value: number; readonly at: number }>()
    let chain: Readonly<Record<string, number | undefined>> = {}
    return (round) => {
      for (const { seen, price } of inUsd(round.market, (currency) => chain[currency] ?? 1))
        entries.set(keyOf(seen), { value: price, at: round.now })
      const rate = legRates(round, minLegSources, median)
      chain = Object.fromEntries(
        Object.keys(legs).map((currency) => [currency, rate(currency) ?? chain[currency]]),
      )
      const newest = Math.max(...[...entries.values()].map(({ at }) => at))
      const usable = [...entries.values()].filter(({ at }) => newest - at <= backwardMs)
      return answerOf(
        usable.map(({ value }) => value),
        minSources,
        median,
      )
    }
  },
}
