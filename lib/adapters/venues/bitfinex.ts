import * as z from 'zod/mini'

import type { Instrument } from '../../domain/instrument.ts'
import type { Venue } from '../../ports.ts'
import { price } from './fields.ts'
import { isSpot, together } from './names.ts'
import { ownNamesOf } from './own-names.ts'
import { quotesByName, type Row, type Ticker } from './quotes.ts'
import { read, readBody, refuse } from './read.ts'

const name = 'bitfinex'

/** Fields by position: symbol, bid, its size, ask, its size, change, relative change, last, … */
const row: Row = z.pipe(
  z.tuple(
    [z.string(), price, z.unknown(), price, z.unknown(), z.unknown(), z.unknown(), price],
    z.unknown(),
  ),
  z.transform((fields): Ticker => ({ bid: fields[1], ask: fields[3], last: fields[7] })),
)

/** `["error", 10020, "symbol: invalid"]`. */
const ErrorWords = z.tuple([z.literal('error'), z.string(), z.string()], z.unknown())

/** https://docs.bitfinex.com/reference/rest-public-tickers . Leaves out unknown symbols; no time anywhere. */
export const bitfinex: Venue = {
  name,
  baseUrl: 'https://api-pub.bitfinex.com',
  requests: (instruments) =>
    together(
      instruments.filter(isNamable),
      (wanted) => `/v2/tickers?symbols=${wanted.map(symbolOf).map(encodeURIComponent).join(',')}`,
    ),
  parse(answer, request) {
    const rows = readBody(name, z.array(z.unknown()), answer.body)
    if (rows[0] === 'error') {
      const [, code, message] = read(name, ErrorWords, rows, 'the error')
      refuse(name, `error ${code}, ${message}`, code === tooManyRequests)
    }
    return quotesByName({ venue: name, answer, request }, { rows, key: '0', nameOf: symbolOf, row })
  },
}

const tooManyRequests = '11010'

/** By ccxt's list of codes that Bitfinex writes differently from everybody. */
const ownNames = ownNamesOf({
  USDT: 'UST',
  USDC: 'UDC',
  TUSD: 'TSD',
  ALGO: 'ALG',
  AMPL: 'AMP',
  ATOM: 'ATO',
  BCH: 'BCHN',
  DASH: 'DSH',
  IOTA: 'IOT',
  LUNA: 'LUNA2',
  LUNC: 'LUNA',
  MANA: 'MNA',
  QTUM: 'QTM',
  USTC: 'TERRAUST',
})

function isNamable({ base, quote }: Instrument): boolean {
  return ownNames.canName(base) && ownNames.canName(quote)
}

/** A colon stands between codes where one is longer than three letters. */
function symbolOf(instrument: Instrument): string {
  const base = ownNames.write(instrument.base)
  const quote = ownNames.write(instrument.quote)
  if (!isSpot(instrument)) return `t${base}F0:${quote}F0`
  return base.length > 3 || quote.length > 3 ? `t${base}:${quote}` : `t${base}${quote}`
}
