import * as z from 'zod/mini'

import { milliseconds } from '../fields.ts'
import { readBody } from '../read.ts'
import type { BookApi } from './book-api.ts'
import { bookOf, levelPair, ofNow, sameSymbol } from './read-book.ts'

const kind = 'paradex'

const Answer = z.object({
  market: z.string(),
  last_updated_at: milliseconds,
  bids: z.array(levelPair),
  asks: z.array(levelPair),
})

/** https://docs.paradex.trade/api/prod/markets/get-orderbook : without the orders that only its own page may fill. */
export const paradexBooks: BookApi = {
  kind,
  baseUrl: 'https://api.prod.paradex.trade/v1',
  symbolOf: (market) => `${market}-PERP`,
  request: (symbol) => ({
    method: 'GET',
    path: `/orderbook/${encodeURIComponent(symbol)}?depth=100`,
    body: undefined,
  }),
  parse(body, { symbol, now }) {
    const { market, last_updated_at: time, ...sides } = readBody(kind, Answer, body)
    sameSymbol(kind, market, symbol)
    ofNow(kind, time, now)
    return bookOf(kind, sides)
  },
}
