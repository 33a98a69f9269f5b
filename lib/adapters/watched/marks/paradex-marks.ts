import * as z from 'zod/mini'

import type { RestPlace } from '../rest-place.ts'
import {
  type MarksExchange,
  MarketUntoldError,
  perHour,
  publishedPrice,
  publishedRate,
} from './published-marks.ts'

const Summaries = z.object({
  results: z.array(
    z.object({
      symbol: z.string(),
      mark_price: publishedPrice,
      underlying_price: publishedPrice,
      funding_rate: publishedRate,
    }),
  ),
})
const Markets = z.object({
  results: z.array(
    z.object({ symbol: z.string(), funding_period_hours: z.number().check(z.positive()) }),
  ),
})
const State = z.object({ status: z.string() })

/** https://docs.paradex.trade . A market's rate is for its own period, which is not the same for all. */
export const paradexMarks: MarksExchange = {
  usualUrl: 'https://api.prod.paradex.trade/v1',
  async published(rest, markets) {
    const rows = await Promise.all(markets.map(async (market) => rowOf(rest, market)))
    return {
      marks: rows.map(({ mark }) => mark),
      markets: Object.fromEntries(
        rows.map(({ mark, hours }) => [mark.market, `funding for ${hours} h`]),
      ),
    }
  },
  async state(rest) {
    const { status } = await rest.get('/system/state', State)
    return status
  },
}

async function rowOf(rest: RestPlace, market: string) {
  const query = `?market=${encodeURIComponent(market)}`
  const [summaries, markets] = await Promise.all([
    rest.get(`/markets/summary${query}`, Summaries),
    rest.get(`/markets${query}`, Markets),
  ])
  const summary = summaries.results.find(({ symbol }) => symbol === market)
  const listed = markets.results.find(({ symbol }) => symbol === market)
  if (!summary || !listed) throw new MarketUntoldError(rest.place, market, 'it is not listed')
  const hours = listed.funding_period_hours
  return {
    hours,
    mark: {
      market,
      mark: summary.mark_price,
      index: summary.underlying_price,
      fundingPerHour: perHour(summary.funding_rate, hours),
    },
  }
}
