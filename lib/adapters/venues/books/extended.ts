import * as z from 'zod/mini'

import { readBody } from '../read.ts'
import type { BookApi } from './book-api.ts'
import { bookOf, levelOf, sameSymbol } from './read-book.ts'

const kind = 'extended'

const level = levelOf('price', 'qty')
const Answer = z.object({
  status: z.literal('OK'),
  data: z.object({ market: z.string(), bid: z.array(level), ask: z.array(level) }),
})

/** https://api.docs.extended.exchange/#get-market-order-book . It has no time. */
export const extendedBooks: BookApi = {
  kind,
  baseUrl: 'https://api.starknet.extended.exchange/api/v1',
  symbolOf: (market) => market,
  request: (symbol) => ({
    method: 'GET',
    path: `/info/markets/${encodeURIComponent(symbol)}/orderbook`,
    body: undefined,
  }),
  parse(body, { symbol }) {
    const { data } = readBody(kind, Answer, body)
    sameSymbol(kind, data.market, symbol)
    return bookOf(kind, { bids: data.bid, asks: data.ask })
  },
}
