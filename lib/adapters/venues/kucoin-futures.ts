import * as z from 'zod/mini'

import type { Instrument } from '../../domain/instrument.ts'
import type { Venue } from '../../ports.ts'
import { nanoseconds, price } from './fields.ts'
import { kucoinData } from './kucoin.ts'
import { isPerpetual, together } from './names.ts'
import { quotesByName, rowOf } from './quotes.ts'
import { read } from './read.ts'

const name = 'kucoin-futures'

const row = rowOf(
  { bestBidPrice: price, bestAskPrice: price, price, ts: nanoseconds },
  (fields) => ({
    bid: fields.bestBidPrice,
    ask: fields.bestAskPrice,
    last: fields.price,
    timeKind: 'quote',
    time: fields.ts,
  }),
)

/** https://www.kucoin.com/docs-new/rest/futures-trading/market-data/get-all-tickers */
export const kucoinFutures: Venue = {
  name,
  baseUrl: 'https://api-futures.kucoin.com',
  requests: (instruments) => together(instruments.filter(isPerpetual), () => '/api/v1/allTickers'),
  parse(answer, request) {
    const rows = read(name, z.array(z.unknown()), kucoinData(name, answer.body), 'data')
    const list = { rows, key: 'symbol', nameOf: symbolOf, row }
    return quotesByName({ venue: name, answer, request }, list)
  },
}

/** `XBTUSDTM`: XBT on futures only, and an M behind every perpetual. */
function symbolOf({ base, quote }: Instrument): string {
  return `${base === 'BTC' ? 'XBT' : base}${quote}M`
}
