import { mean, median, weightedMedian } from '../arithmetic.ts'
import type { Rule } from '../rule.ts'
import { answerOf, inUsd, legRates, pricesOf } from './in-usd.ts'

/** The mean of whatever answers; a stablecoin at the mean of its own sources, at 1 where none answers. */
export const plainMean: Rule = plain('plain mean', mean)

/** The median of whatever answers; a stablecoin at the median of its own sources, at 1 where none answers. */
export const plainMedian: Rule = plain('plain median', median)

/** The median by the volume that each venue says it had: what wash trading buys. */
export const volumeWeighted: Rule = {
  name: 'volume-weighted median',
  begin:
    ({ minSources }) =>
    (round) => {
      const rate = legRates(round, 1, median)
      const priced = inUsd(round.market, (currency) => rate(currency) ?? 1)
      const weighted = priced.map(({ seen, price }) => ({ value: price, weight: seen.volume }))
      return answerOf(pricesOf(priced), minSources, () => weightedMedian(weighted))
    },
}

function plain(name: string, of: (values: readonly number[]) => number | undefined): Rule {
  return {
    name,
    begin:
      ({ minSources }) =>
      (round) => {
        const rate = legRates(round, 1, of)
        const priced = inUsd(round.market, (currency) => rate(currency) ?? 1)
        return answerOf(pricesOf(priced), minSources, of)
      },
  }
}
