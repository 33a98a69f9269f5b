import * as z from 'zod/mini'

import type { Instrument } from '../../domain/instrument.ts'
import type { Venue } from '../../ports.ts'
import { milliseconds, price } from './fields.ts'
import { isSpot, joined, together, underscored } from './names.ts'
import { quotesByName, rowOf } from './quotes.ts'
import { read, readBody, refuse } from './read.ts'

const name = 'crypto-com'

const Answer = z.object({
  code: z.string(),
  message: z.optional(z.string()),
  result: z.optional(z.unknown()),
})
const Result = z.object({ data: z.array(z.unknown()) })

/** `b` is the best bid, `k` the best ask, `a` the last trade. */
const row = rowOf({ b: price, k: price, a: price, t: milliseconds }, ({ b, k, a, t }) => ({
  bid: b,
  ask: k,
  last: a,
  timeKind: 'quote',
  time: t,
}))

/** https://exchange-docs.crypto.com/exchange/v1/rest-ws/index.html#public-get-tickers */
export const cryptoCom: Venue = {
  name,
  baseUrl: 'https://api.crypto.com',
  requests: (instruments) => together(instruments, () => '/exchange/v1/public/get-tickers'),
  parse(answer, request) {
    const { code, message = '', result } = readBody(name, Answer, answer.body)
    if (code !== '0') refuse(name, `code ${code}, ${message}`, code === tooManyRequests)
    const { data } = read(name, Result, result, 'result')
    return quotesByName(
      { venue: name, answer, request },
      { rows: data, key: 'i', nameOf: instrumentOf, row },
    )
  },
}

const tooManyRequests = '42901'

function instrumentOf(instrument: Instrument): string {
  return isSpot(instrument) ? underscored(instrument) : `${joined(instrument)}-PERP`
}
