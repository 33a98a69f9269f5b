import * as z from 'zod/mini'

import type { Instrument } from '../../domain/instrument.ts'
import type { Venue } from '../../ports.ts'
import { milliseconds, price } from './fields.ts'
import { isSpot, oneByOne, underscored } from './names.ts'
import { quotesByName, rowOf } from './quotes.ts'
import { readBody, refuse } from './read.ts'

const name = 'deribit'

const Answer = z.object({
  result: z.optional(z.unknown()),
  error: z.optional(z.object({ code: z.string(), message: z.string() })),
})

/** An empty side is 0. */
const row = rowOf(
  {
    best_bid_price: price,
    best_ask_price: price,
    last_price: price,
    timestamp: milliseconds,
    state: z.string(),
  },
  (fields) => ({
    bid: fields.best_bid_price,
    ask: fields.best_ask_price,
    last: fields.last_price,
    timeKind: 'quote',
    time: fields.timestamp,
    suspended: fields.state !== 'open',
  }),
)

/** https://docs.deribit.com/#public-ticker . One request for each instrument. */
export const deribit: Venue = {
  name,
  baseUrl: 'https://www.deribit.com',
  // What its credits allow to those who are not logged in; a guide, not a promise.
  requestsPerSecond: 20,
  requests: (instruments) =>
    oneByOne(instruments, (each) => `/api/v2/public/ticker?instrument_name=${nameOf(each)}`),
  parse(answer, request) {
    const { error, result } = readBody(name, Answer, answer.body)
    if (error) refuse(name, `error ${error.code}, ${error.message}`, error.code === tooManyRequests)
    const list = { rows: [result], key: 'instrument_name', nameOf, row }
    return quotesByName({ venue: name, answer, request }, list)
  },
}

const tooManyRequests = '10028'

/** In dollars the contract is settled in the coin and named without a quote; the linear ones say theirs. */
function nameOf(instrument: Instrument): string {
  if (isSpot(instrument)) return underscored(instrument)
  if (instrument.quote === 'USD') return `${instrument.base}-PERPETUAL`
  return `${underscored(instrument)}-PERPETUAL`
}
