import * as z from 'zod/mini'

import type { Instrument } from '../../domain/instrument.ts'
import type { Venue, VenueRequest } from '../../ports.ts'
import { milliseconds, price } from './fields.ts'
import { isPerpetual, isSpot, joined, together } from './names.ts'
import { quotesByName, rowOf } from './quotes.ts'
import { read, readBody, refuse } from './read.ts'

const name = 'bybit'

const Answer = z.object({
  retCode: z.string(),
  retMsg: z.string(),
  result: z.unknown(),
  time: milliseconds,
})

/** The one time is the whole answer's. */
function rowAt(time: number | undefined) {
  return rowOf({ bid1Price: price, ask1Price: price, lastPrice: price }, (fields) => ({
    bid: fields.bid1Price,
    ask: fields.ask1Price,
    last: fields.lastPrice,
    timeKind: 'envelope',
    time,
  }))
}

/** https://bybit-exchange.github.io/docs/v5/market/tickers */
export const bybit: Venue = {
  name,
  baseUrl: 'https://api.bybit.com',
  requests: (instruments) => [
    ...together(instruments.filter(isSpot), () => pathOf('spot')),
    ...together(instruments.filter(isLinear), () => pathOf('linear')),
  ],
  parse(answer, request) {
    const { retCode, retMsg, result, time } = readBody(name, Answer, answer.body)
    if (retCode !== '0') refuse(name, `code ${retCode}, ${retMsg}`, tooManyRequests.has(retCode))
    // One symbol is two instruments: which one is in the category only.
    const Result = z.object({
      category: z.literal(categoryOf(request)),
      list: z.array(z.unknown()),
    })
    const { list } = read(name, Result, result, 'result')
    return quotesByName(
      { venue: name, answer, request },
      { rows: list, key: 'symbol', nameOf: symbolOf, row: rowAt(time) },
    )
  },
}

/** https://bybit-exchange.github.io/docs/v5/error */
const tooManyRequests = new Set(['10006', '10018'])

type Category = 'spot' | 'linear'

function pathOf(category: Category): string {
  return `/v5/market/tickers?category=${category}`
}

function categoryOf({ instruments }: VenueRequest): Category {
  return instruments.some(isPerpetual) ? 'linear' : 'spot'
}

/** Perpetuals in dollars are settled in the coin and listed elsewhere. */
function isLinear(instrument: Instrument): boolean {
  return isPerpetual(instrument) && instrument.quote !== 'USD'
}

/** Perpetuals in USDC have a name of their own: `BTCPERP`. */
function symbolOf(instrument: Instrument): string {
  const inUsdc = isPerpetual(instrument) && instrument.quote === 'USDC'
  return inUsdc ? `${instrument.base}PERP` : joined(instrument)
}
