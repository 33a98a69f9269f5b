import * as z from 'zod/mini'

import type { Venue } from '../../ports.ts'
import { milliseconds, price } from './fields.ts'
import { isPerpetual, joined, together } from './names.ts'
import { quotesByName, rowOf } from './quotes.ts'
import { readBody } from './read.ts'

const name = 'binance-futures'

/** The best of the book with its own time; no last trade. */
const row = rowOf({ bidPrice: price, askPrice: price, time: milliseconds }, (fields) => ({
  bid: fields.bidPrice,
  ask: fields.askPrice,
  last: undefined,
  timeKind: 'quote',
  time: fields.time,
}))

/** USD-M. https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Symbol-Order-Book-Ticker */
export const binanceFutures: Venue = {
  name,
  baseUrl: 'https://fapi.binance.com',
  requests: (instruments) =>
    together(instruments.filter(isPerpetual), () => '/fapi/v1/ticker/bookTicker'),
  parse(answer, request) {
    const rows = readBody(name, z.array(z.unknown()), answer.body)
    return quotesByName(
      { venue: name, answer, request },
      { rows, key: 'symbol', nameOf: joined, row },
    )
  },
}
