import * as z from 'zod/mini'

import type { Venue } from '../../ports.ts'
import { milliseconds, price } from './fields.ts'
import { isSpot, joined, together } from './names.ts'
import { quotesByName, rowOf } from './quotes.ts'
import { readBody } from './read.ts'

/** The host with public market data only: it also answers where the exchange itself refuses (451). */
export const binance: Venue = binanceSpot('binance', 'https://data-api.binance.vision')

/** Another exchange with another order book behind the same API. */
export const binanceus: Venue = binanceSpot('binanceus', 'https://api.binance.us')

const row = rowOf(
  // `closeTime` is the end of the 24 hours that the row is about.
  { bidPrice: price, askPrice: price, lastPrice: price, closeTime: milliseconds },
  ({ bidPrice, askPrice, lastPrice, closeTime }) => ({
    bid: bidPrice,
    ask: askPrice,
    last: lastPrice,
    timeKind: 'quote',
    time: closeTime,
  }),
)

/**
 * https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints
 * The full ticker, since the cheaper `bookTicker` carries no time. One unknown symbol fails the whole request.
 */
function binanceSpot(name: string, baseUrl: string): Venue {
  return {
    name,
    baseUrl,
    requests: (instruments) =>
      together(instruments.filter(isSpot), (wanted) => {
        const symbols = encodeURIComponent(JSON.stringify(wanted.map(joined)))
        return `/api/v3/ticker/24hr?symbols=${symbols}`
      }),
    parse(answer, request) {
      const rows = readBody(name, z.array(z.unknown()), answer.body)
      const list = { rows, key: 'symbol', nameOf: joined, row }
      return quotesByName({ venue: name, answer, request }, list)
    },
  }
}
