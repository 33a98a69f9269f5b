import { median } from '../arithmetic.ts'
import type { Rule } from '../rule.ts'
import { answerOf, inUsd, legRates, pricesOf } from './in-usd.ts'

/**
 * dYdX v4's price daemon (v4-chain 84d4664, protocol/daemons/pricefeed): median(ask, bid, last) of each exchange, adjusted
 * by a market that itself needs MinExchanges, else the exchange is left out; then the median over at least MinExchanges,
 * of an even count the average. The time of a price is when it was received.
 */
export const dydx: Rule = {
  name: 'dYdX v4 daemon',
  begin:
    ({ minSources, minLegSources }) =>
    (round) =>
      answerOf(
        pricesOf(inUsd(round.market, legRates(round, minLegSources, median))),
        minSources,
        median,
      ),
}
