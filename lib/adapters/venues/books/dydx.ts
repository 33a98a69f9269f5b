import * as z from 'zod/mini'

import { readBody } from '../read.ts'
import type { BookApi } from './book-api.ts'
import { bookOf, levelOf } from './read-book.ts'

const kind = 'dydx-v4'

const level = levelOf('price', 'size')
const Answer = z.object({ bids: z.array(level), asks: z.array(level) })

/** https://docs.dydx.xyz/indexer-client/http : neither the market nor a time is in it. */
export const dydxBooks: BookApi = {
  kind,
  baseUrl: 'https://indexer.dydx.trade/v4',
  symbolOf: (market) => market,
  request: (symbol) => ({
    method: 'GET',
    path: `/orderbooks/perpetualMarket/${encodeURIComponent(symbol)}`,
    body: undefined,
  }),
  parse: (body) => bookOf(kind, readBody(kind, Answer, body)),
}
