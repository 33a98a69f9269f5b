import { median } from '../arithmetic.ts'
import type { Rule } from '../rule.ts'
import { answerOf, inUsd, legRates } from './in-usd.ts'

/** Where a recording shows no spread, a publisher says that it knows its price to a basis point. */
const leastConfidence = 1 / 10_000

/**
 * Pyth's aggregate (pyth-client, program/c/src/oracle/upd_aggregate.h and model/price_model.c): each publisher votes three
 * times, {p - c, p, p + c}, with c > 0; the price is the median of all votes, of an even count the average of the middles;
 * fewer than min_pub publishers make it unknown. Each source stands for one publisher, whose slot is that of its
 * publishing and says nothing of the venue's time.
 */
export const pyth: Rule = {
  name: 'Pyth aggregate',
  begin:
    ({ minSources }) =>
    (round) => {
      const publishers = inUsd(round.market, legRates(round, 1, median)).flatMap(
        ({ seen, price }) => {
          const spread = (seen.halfSpread / seen.point) * price || 0
          const confidence = Math.max(spread, price * leastConfidence)
          return confidence > 0 ? [{ price, confidence }] : []
        },
      )
      return answerOf(
        publishers.map(({ price }) => price),
        minSources,
        () =>
          median(
            publishers.flatMap(({ price, confidence }) => [
              price - confidence,
              price,
              price + confidence,
            ]),
          ),
      )
    },
}
