import * as z from 'zod/mini'

import type { Venue } from '../../ports.ts'
import { milliseconds, price } from './fields.ts'
import { dashed, isSpot, together } from './names.ts'
import { quotesByName, rowOf } from './quotes.ts'
import { read, readBody, refuse } from './read.ts'

const name = 'kucoin'

const Answer = z.object({ code: z.string(), msg: z.optional(z.string()), data: z.unknown() })
const Data = z.object({ time: milliseconds, ticker: z.array(z.unknown()) })

/** `buy` is what buyers offer: the best bid. A halted pair has nulls. */
function rowAt(time: number | undefined) {
  return rowOf({ buy: price, sell: price, last: price }, ({ buy, sell, last }) => ({
    bid: buy,
    ask: sell,
    last,
    timeKind: 'envelope',
    time,
  }))
}

/** https://www.kucoin.com/docs-new/rest/spot-trading/market-data/get-all-tickers */
export const kucoin: Venue = {
  name,
  baseUrl: 'https://api.kucoin.com',
  requests: (instruments) =>
    together(instruments.filter(isSpot), () => '/api/v1/market/allTickers'),
  parse(answer, request) {
    const { time, ticker } = read(name, Data, kucoinData(name, answer.body), 'data')
    const list = { rows: ticker, key: 'symbol', nameOf: dashed, row: rowAt(time) }
    return quotesByName({ venue: name, answer, request }, list)
  },
}

/** What is in the envelope of both KuCoin APIs. */
export function kucoinData(venue: string, body: string): unknown {
  const { code, msg = '', data } = readBody(venue, Answer, body)
  if (code !== '200000') refuse(venue, `code ${code}, ${msg}`, code === tooManyRequests)
  return data
}

const tooManyRequests = '429000'
