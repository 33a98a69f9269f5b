import * as z from 'zod/mini'

import { milliseconds } from '../fields.ts'
import { readBody } from '../read.ts'
import type { BookApi } from './book-api.ts'
import { bookOf, levelOf, ofNow, sameSymbol } from './read-book.ts'

const kind = 'hyperliquid'

const level = levelOf('px', 'sz')
const Answer = z.object({
  coin: z.string(),
  time: milliseconds,
  levels: z.tuple([z.array(level), z.array(level)]),
})

/** https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint : 20 levels of each side. */
export const hyperliquidBooks: BookApi = {
  kind,
  baseUrl: 'https://api.hyperliquid.xyz',
  symbolOf: (market) => market.replace(/-.*/, ''),
  request: (symbol) => ({
    method: 'POST',
    path: '/info',
    body: JSON.stringify({ type: 'l2Book', coin: symbol }),
  }),
  parse(body, { symbol, now }) {
    const { coin, time, levels } = readBody(kind, Answer, body)
    sameSymbol(kind, coin, symbol)
    ofNow(kind, time, now)
    return bookOf(kind, { bids: levels[0], asks: levels[1] })
  },
}
