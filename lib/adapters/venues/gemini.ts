import * as z from 'zod/mini'

import type { Instrument } from '../../domain/instrument.ts'
import type { Venue } from '../../ports.ts'
import { price } from './fields.ts'
import { isSpot, joined, oneByOne } from './names.ts'
import { quotesOf, rowOf } from './quotes.ts'
import { readBody, refuse } from './read.ts'

const name = 'gemini'

const Answer = z.looseObject({
  result: z.optional(z.string()),
  reason: z.optional(z.string()),
  message: z.optional(z.string()),
})

/**
 * The only time, `volume.timestamp`, is when the volume was added up: in the documents and in recordings it is a whole
 * multiple of five minutes, so it says nothing of the book.
 */
const row = rowOf({ bid: price, ask: price, last: price }, (fields) => fields)

/** https://docs.gemini.com/rest/market-data#get-ticker */
export const gemini: Venue = {
  name,
  baseUrl: 'https://api.gemini.com',
  requests: (instruments) => oneByOne(instruments, (each) => `/v1/pubticker/${symbolOf(each)}`),
  parse(answer, request) {
    const ticker = readBody(name, Answer, answer.body)
    const { result, reason = '', message = '' } = ticker
    if (result === 'error') refuse(name, `${reason}, ${message}`, reason.startsWith('RateLimit'))
    return quotesOf({ venue: name, answer, request }, row, () => [ticker])
  },
}

function symbolOf(instrument: Instrument): string {
  return `${joined(instrument).toLowerCase()}${isSpot(instrument) ? '' : 'perp'}`
}
