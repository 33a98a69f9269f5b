import * as z from 'zod/mini'

import type { RestPlace } from '../rest-place.ts'
import {
  type MarksExchange,
  MarketUntoldError,
  publishedPrice,
  publishedRate,
} from './published-marks.ts'

const Answer = z.object({
  markets: z.record(
    z.string(),
    z.object({
      status: z.string(),
      // Null until the first price of a new market.
      oraclePrice: z.nullish(publishedPrice),
      nextFundingRate: z.nullish(publishedRate),
    }),
  ),
})

/**
 * https://docs.dydx.xyz/indexer-client/http . Margins are reckoned with the oracle's price: that is its mark, and it has no
 * other index. The rate is the one for the next hour.
 */
export const dydxV4Marks: MarksExchange = {
  usualUrl: 'https://indexer.dydx.trade',
  async published(rest, markets) {
    const rows = await Promise.all(markets.map(async (market) => rowOf(rest, market)))
    return {
      marks: rows.map(({ mark }) => mark),
      markets: Object.fromEntries(rows.map(({ mark, status }) => [mark.market, status])),
    }
  },
}

async function rowOf(rest: RestPlace, market: string) {
  const path = `/v4/perpetualMarkets?ticker=${encodeURIComponent(market)}`
  const { markets } = await rest.get(path, Answer)
  const row = Object.hasOwn(markets, market) ? markets[market] : undefined
  if (!row) throw new MarketUntoldError(rest.place, market, 'it is not listed')
  const { oraclePrice, nextFundingRate, status } = row
  if (typeof oraclePrice !== 'string')
    throw new MarketUntoldError(rest.place, market, `the oracle has none yet, it is ${status}`)
  return {
    status: status.toLowerCase(),
    mark: {
      market,
      mark: oraclePrice,
      ...(typeof nextFundingRate === 'string' && { fundingPerHour: nextFundingRate }),
    },
  }
}
