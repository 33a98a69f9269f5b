import * as z from 'zod/mini'

import type { Instrument } from '../../domain/instrument.ts'
import type { Venue } from '../../ports.ts'
import { milliseconds, price } from './fields.ts'
import { dashed, isPerpetual, isSpot, together } from './names.ts'
import { quotesByName, rowOf } from './quotes.ts'
import { readBody, refuse } from './read.ts'

const name = 'okx'

const Answer = z.object({
  code: z.string(),
  msg: z.string(),
  data: z.optional(z.array(z.unknown())),
})

const row = rowOf({ bidPx: price, askPx: price, last: price, ts: milliseconds }, (fields) => ({
  bid: fields.bidPx,
  ask: fields.askPx,
  last: fields.last,
  timeKind: 'quote',
  time: fields.ts,
}))

/** https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-tickers */
export const okx: Venue = {
  name,
  baseUrl: 'https://www.okx.com',
  requests: (instruments) => [
    ...together(instruments.filter(isSpot), () => '/api/v5/market/tickers?instType=SPOT'),
    ...together(instruments.filter(isPerpetual), () => '/api/v5/market/tickers?instType=SWAP'),
  ],
  parse(answer, request) {
    const { code, msg, data = [] } = readBody(name, Answer, answer.body)
    if (code !== '0') refuse(name, `code ${code}, ${msg}`, code === tooManyRequests)
    const list = { rows: data, key: 'instId', nameOf: idOf, row }
    return quotesByName({ venue: name, answer, request }, list)
  },
}

const tooManyRequests = '50011'

function idOf(instrument: Instrument): string {
  return isSpot(instrument) ? dashed(instrument) : `${dashed(instrument)}-SWAP`
}
