import * as z from 'zod/mini'

import type { Instrument } from '../../domain/instrument.ts'
import type { Venue } from '../../ports.ts'
import { isoTime, optionalPrice } from './fields.ts'
import { isPerpetual, together } from './names.ts'
import { quotesByName, rowOf } from './quotes.ts'
import { readBody } from './read.ts'

const name = 'kraken-futures'

/** Its errors say `result: "error"` and have no list. */
const Answer = z.object({
  result: z.literal('success'),
  serverTime: isoTime,
  tickers: z.array(z.unknown()),
})

/** An empty side is left out. `lastTime` is the last trade's; the answer's own time is nearer to the book's. */
function rowAt(serverTime: number | undefined) {
  return rowOf(
    {
      bid: optionalPrice,
      ask: optionalPrice,
      last: optionalPrice,
      suspended: z.boolean(),
    },
    ({ bid, ask, last, suspended }) => ({
      bid,
      ask,
      last,
      timeKind: 'envelope',
      time: serverTime,
      suspended,
    }),
  )
}

/** Multi-collateral linear perpetuals in dollars. https://docs.kraken.com/api/docs/futures-api/trading/get-tickers */
export const krakenFutures: Venue = {
  name,
  baseUrl: 'https://futures.kraken.com',
  requests: (instruments) =>
    together(
      instruments.filter((each) => isPerpetual(each) && each.quote === 'USD'),
      () => '/derivatives/api/v3/tickers',
    ),
  parse(answer, request) {
    const { serverTime, tickers } = readBody(name, Answer, answer.body)
    const list = { rows: tickers, key: 'symbol', nameOf: symbolOf, row: rowAt(serverTime) }
    return quotesByName({ venue: name, answer, request }, list)
  },
}

function symbolOf({ base, quote }: Instrument): string {
  return `PF_${base === 'BTC' ? 'XBT' : base}${quote}`
}
