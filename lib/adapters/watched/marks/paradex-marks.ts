import * as z from 'zod/mini'

import { Decimal } from '../../../domain/decimal.ts'
import { timestamp } from '../../../domain/time.ts'
import type { RestPlace } from '../rest-place.ts'
import {
  type MarksExchange,
  MarketUntoldError,
  perHour,
  publishedAmount,
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
    z.object({
      symbol: z.string(),
      funding_period_hours: z.number().check(z.positive()),
      max_funding_rate: z.nullish(publishedAmount),
    }),
  ),
})
const State = z.object({ status: z.string() })
const FundingData = z.object({
  results: z.array(
    z.object({
      market: z.string(),
      funding_index: publishedAmount,
      created_at: z.int().check(z.positive()),
    }),
  ),
})
const Insurance = z.object({ account_value: publishedAmount })

/**
 * https://docs.paradex.trade . A market's rate, and the highest that it may have, are for its own period, which is not the same
 * for all. Its funding index grows by the rate times the price for each period, all the time.
 */
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
  async fundingIndex(rest, market, now) {
    const query = `?market=${encodeURIComponent(market)}`
    const times = `&start_at=${now - fundingDataMs}&end_at=${now}&page_size=${mostFundingData}`
    const [{ results }, rules] = await Promise.all([
      rest.get(`/funding/data${query}${times}`, FundingData),
      // Where its prices are none, as in the worst of its hours, the index counts all the more.
      marketOf(rest, market).catch(() => undefined),
    ])
    const [newest] = results
      .filter((row) => row.market === market)
      .toSorted((one, other) => other.created_at - one.created_at)
    if (!newest)
      throw new MarketUntoldError(
        rest.place,
        market,
        `it has no funding data of the last ${fundingDataMs / 60_000} min`,
      )
    const mostPerHour = rules && highestFunding(rules)
    return {
      value: newest.funding_index,
      writtenAt: timestamp(newest.created_at),
      ...(mostPerHour !== undefined && { mostPerHour }),
    }
  },
  async insuranceFund(rest) {
    const { account_value: value } = await rest.get('/insurance', Insurance)
    return value
  },
}

/** Funding accrues all the time there, and is written every few seconds. */
const fundingDataMs = 10 * 60_000
const mostFundingData = 1_000

async function rowOf(rest: RestPlace, market: string) {
  const { summary, listed } = await marketOf(rest, market)
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

async function marketOf(rest: RestPlace, market: string) {
  const query = `?market=${encodeURIComponent(market)}`
  const [summaries, markets] = await Promise.all([
    rest.get(`/markets/summary${query}`, Summaries),
    rest.get(`/markets${query}`, Markets),
  ])
  const summary = summaries.results.find(({ symbol }) => symbol === market)
  const listed = markets.results.find(({ symbol }) => symbol === market)
  if (!summary || !listed) throw new MarketUntoldError(rest.place, market, 'it is not listed')
  return { summary, listed }
}

/** In USD an hour for one coin, at the higher one of its prices; undefined where it tells no highest rate. */
function highestFunding({ summary, listed }: Awaited<ReturnType<typeof marketOf>>) {
  if (typeof listed.max_funding_rate !== 'string') return undefined
  return new Decimal(listed.max_funding_rate)
    .abs()
    .mul(Decimal.max(summary.mark_price, summary.underlying_price))
    .div(listed.funding_period_hours)
    .toFixed()
}
