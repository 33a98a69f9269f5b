import { median } from '../arithmetic.ts'
import type { Rule } from '../rule.ts'
import { answerOf, inUsd, legRates, pricesOf } from './in-usd.ts'

/**
 * Slinky, later Connect (skip-mev/slinky, pkg/math/oracle/aggregator.go): every provider's price times the index price of
 * `normalizeByPair` of the round before; the median of at least minProviderCount. Validators that see the same venues vote
 * the same, so that their weighted median changes nothing.
 */
export const slinky: Rule = {
  name: 'Slinky / Connect',
  begin({ legs, minSources, minLegSources }) {
    let index: Readonly<Record<string, number | undefined>> = {}
    return (round) => {
      const prices = pricesOf(inUsd(round.market, (currency) => index[currency]))
      const rate = legRates(round, minLegSources, median)
      index = Object.fromEntries(
        Object.keys(legs).map((currency) => [currency, rate(currency) ?? index[currency]]),
      )
      return answerOf(prices, minSources, median)
    }
  },
}
