import * as z from 'zod/mini'

import type { Venue } from '../../ports.ts'
import { isoTime, price } from './fields.ts'
import { dashed, isSpot, oneByOne } from './names.ts'
import { quotesOf, rowOf } from './quotes.ts'
import { readBody } from './read.ts'

const name = 'coinbase'

/** `time` is the last trade's: the book of a quiet product is younger. */
const row = rowOf({ bid: price, ask: price, price, time: isoTime }, (fields) => ({
  bid: fields.bid,
  ask: fields.ask,
  last: fields.price,
  timeKind: 'trade',
  time: fields.time,
}))

/** Coinbase Exchange. https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/products/get-product-ticker */
export const coinbase: Venue = {
  name,
  baseUrl: 'https://api.exchange.coinbase.com',
  // https://docs.cdp.coinbase.com/exchange/rest-api/rate-limits : 10 per second, 15 at once.
  requestsPerSecond: 10,
  requests: (instruments) =>
    oneByOne(instruments.filter(isSpot), (each) => `/products/${dashed(each)}/ticker`),
  parse(answer, request) {
    const ticker = readBody(name, z.looseObject({}), answer.body)
    return quotesOf({ venue: name, answer, request }, row, () => [ticker])
  },
}
