import * as z from 'zod/mini'

import type { Quote } from '../../domain/quote.ts'
import type { Venue } from '../../ports.ts'
import { milliseconds, price } from './fields.ts'
import { isPerpetual, isSpot, joined, together, underscored } from './names.ts'
import { quotesByName, type Reading, rowOf } from './quotes.ts'
import { readBody, refuse } from './read.ts'

const name = 'mexc'

/** https://www.mexc.com/api-docs/spot-v3/market-data-endpoints and /futures/market-endpoints */
export const mexc: Venue = {
  name,
  baseUrl: 'https://api.mexc.com',
  requests: (instruments) => [
    ...together(instruments.filter(isSpot), () => '/api/v3/ticker/24hr'),
    ...together(instruments.filter(isPerpetual), () => '/api/v1/contract/ticker'),
  ],
  parse(answer, request) {
    const reading = { venue: name, answer, request }
    return request.instruments.some(isPerpetual) ? contracts(reading) : pairs(reading)
  },
}

const pair = rowOf(
  { bidPrice: price, askPrice: price, lastPrice: price, closeTime: milliseconds },
  (fields) => ({
    bid: fields.bidPrice,
    ask: fields.askPrice,
    last: fields.lastPrice,
    timeKind: 'quote',
    time: fields.closeTime,
  }),
)

function pairs(reading: Reading): readonly Quote[] {
  const rows = readBody(name, z.array(z.unknown()), reading.answer.body)
  return quotesByName(reading, { rows, key: 'symbol', nameOf: joined, row: pair })
}

const contract = rowOf(
  { bid1: price, ask1: price, lastPrice: price, timestamp: milliseconds },
  (fields) => ({
    bid: fields.bid1,
    ask: fields.ask1,
    last: fields.lastPrice,
    timeKind: 'quote',
    time: fields.timestamp,
  }),
)

const Contracts = z.object({
  success: z.boolean(),
  code: z.string(),
  message: z.optional(z.string()),
  data: z.optional(z.array(z.unknown())),
})

function contracts(reading: Reading): readonly Quote[] {
  const { success, code, message = '', data = [] } = readBody(name, Contracts, reading.answer.body)
  if (!success) refuse(name, `code ${code}, ${message}`, code === tooFrequent)
  return quotesByName(reading, { rows: data, key: 'symbol', nameOf: underscored, row: contract })
}

const tooFrequent = '510'
