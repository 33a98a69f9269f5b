import * as z from 'zod/mini'

import type { RestPlace } from '../rest-place.ts'
import {
  type MarksExchange,
  MarketUntoldError,
  publishedPrice,
  publishedRate,
} from './published-marks.ts'

const Answer = z.object({
  status: z.literal('OK'),
  data: z.array(
    z.object({
      name: z.string(),
      active: z.boolean(),
      status: z.optional(z.string()),
      marketStats: z.object({
        markPrice: publishedPrice,
        indexPrice: publishedPrice,
        fundingRate: publishedRate,
      }),
    }),
  ),
})

/** https://api.docs.extended.exchange . Its rates are for one hour already: an eighth of the premium of eight. */
export const extendedMarks: MarksExchange = {
  usualUrl: 'https://api.starknet.extended.exchange/api/v1',
  async published(rest, markets) {
    const rows = await Promise.all(markets.map(async (market) => rowOf(rest, market)))
    return {
      marks: rows.map(({ name, marketStats: { markPrice, indexPrice, fundingRate } }) => ({
        market: name,
        mark: markPrice,
        index: indexPrice,
        fundingPerHour: fundingRate,
      })),
      markets: Object.fromEntries(
        rows.map(({ name, active, status }) => [
          name,
          status?.toLowerCase() ?? (active ? 'active' : 'not active'),
        ]),
      ),
    }
  },
}

async function rowOf(rest: RestPlace, market: string) {
  const { data } = await rest.get(`/info/markets?market=${encodeURIComponent(market)}`, Answer)
  const row = data.find(({ name }) => name === market)
  if (!row) throw new MarketUntoldError(rest.place, market, 'it is not listed')
  return row
}
