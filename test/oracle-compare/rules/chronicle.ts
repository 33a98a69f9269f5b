import { median, upperMiddle } from '../arithmetic.ts'
import type { Rule } from '../rule.ts'
import { answerOf } from './in-usd.ts'

/** How old an origin's own time may be; bars are never younger than two of them. */
const expiryMs = 300_000

/** Median.sol takes an odd number of feeds' messages. */
const feeds = 13

/**
 * Chronicle, of Maker (oracle-suite 50eb808, pkg/datapoint/graph and config/config-gofer.hcl; makerdao/median,
 * Median.sol): the median of at least min_values books in USD itself, each by the venue's own time where it has one; the
 * contract sorts an odd number of feeds' prices and takes `values[n >> 1]`. Its feeds see the same venues here.
 */
export const chronicle: Rule = {
  name: 'Chronicle / Maker',
  asks: (sources) => sources.filter((source) => source.endsWith('-USD')),
  begin:
    ({ minSources, everyMs }) =>
    ({ market, now }) => {
      const oldest = now - Math.max(expiryMs, 2 * everyMs)
      const origins = market
        .filter(({ currency }) => currency === 'USD')
        .filter(({ quote }) => (quote.venueTime ?? now) >= oldest)
        .map(({ point }) => point)
      return answerOf(origins, minSources, (values) => {
        const price = median(values)
        return price === undefined
          ? undefined
          : upperMiddle(Array.from({ length: feeds }, () => price))
      })
    },
}
