import * as z from 'zod/mini'

import type { Instrument } from '../../domain/instrument.ts'
import type { Venue } from '../../ports.ts'
import { price, seconds } from './fields.ts'
import { isSpot, together } from './names.ts'
import { quotesByName, rowOf } from './quotes.ts'
import { readBody } from './read.ts'

const name = 'bitstamp'

const row = rowOf({ bid: price, ask: price, last: price, timestamp: seconds }, (fields) => ({
  bid: fields.bid,
  ask: fields.ask,
  last: fields.last,
  timeKind: 'quote',
  time: fields.timestamp,
}))

/** https://www.bitstamp.net/api/#tag/Tickers */
export const bitstamp: Venue = {
  name,
  baseUrl: 'https://www.bitstamp.net',
  requests: (instruments) => together(instruments.filter(isSpot), () => '/api/v2/ticker/'),
  parse(answer, request) {
    const rows = readBody(name, z.array(z.unknown()), answer.body)
    return quotesByName(
      { venue: name, answer, request },
      { rows, key: 'pair', nameOf: pairOf, row },
    )
  },
}

function pairOf({ base, quote }: Instrument): string {
  return `${base}/${quote}`
}
