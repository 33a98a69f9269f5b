import * as z from 'zod/mini'

import type { Instrument } from '../../domain/instrument.ts'
import type { Venue } from '../../ports.ts'
import { bestOf } from './fields.ts'
import { isSpot, named, together } from './names.ts'
import { quotesOf, rowOf } from './quotes.ts'
import { readBody, refuse } from './read.ts'

const name = 'kraken'

const Answer = z.object({
  error: z.array(z.string()),
  result: z.optional(z.record(z.string(), z.unknown())),
})

/** Ask, bid and last trade, each `[price, …]`. */
const row = rowOf({ a: bestOf, b: bestOf, c: bestOf }, ({ a, b, c }) => ({
  bid: b,
  ask: a,
  last: c,
}))

/** https://docs.kraken.com/api/docs/rest-api/get-ticker-information . One unknown pair fails the whole request. */
export const kraken: Venue = {
  name,
  baseUrl: 'https://api.kraken.com',
  requests: (instruments) =>
    together(
      instruments.filter(isSpot),
      (wanted) => `/0/public/Ticker?pair=${wanted.map(pairOf).join(',')}`,
    ),
  parse(answer, request) {
    const { error, result = {} } = readBody(name, Answer, answer.body)
    if (error.length > 0)
      refuse(name, `${error.join(', ')}, asked for ${named(request)}`, error.some(isBusy))
    return quotesOf({ venue: name, answer, request }, row, (instrument) =>
      keysOf(instrument).flatMap((key) => (Object.hasOwn(result, key) ? [result[key]] : [])),
    )
  },
}

/** https://docs.kraken.com/api/docs/guides/global-intro#errors */
function isBusy(error: string): boolean {
  return /Rate limit exceeded|Temporary lockout|Too many requests|Throttled/i.test(error)
}

const ownNames: Readonly<Record<string, string>> = { BTC: 'XBT', DOGE: 'XDG' }

function own(asset: string): string {
  return ownNames[asset] ?? asset
}

function pairOf({ base, quote }: Instrument): string {
  return `${own(base)}${own(quote)}`
}

/** The oldest assets have a letter before their name, in the keys of some pairs: `XXBTZUSD`, but `XBTUSDT`. */
const letters = new Map([
  ...['XBT', 'ETH', 'LTC', 'XRP', 'XLM', 'XMR', 'ZEC', 'ETC', 'REP', 'MLN', 'XDG'].map(
    (coin) => [coin, 'X'] as const,
  ),
  ...['USD', 'EUR', 'GBP', 'CAD', 'JPY', 'AUD'].map((money) => [money, 'Z'] as const),
])

/** All keys under which the answer may have the pair: `USDTUSD` stands there as `USDTZUSD`. */
function keysOf({ base, quote }: Instrument): readonly string[] {
  return spellings(base).flatMap((one) => spellings(quote).map((other) => `${one}${other}`))
}

function spellings(asset: string): readonly string[] {
  const letter = letters.get(own(asset))
  return letter ? [own(asset), `${letter}${own(asset)}`] : [own(asset)]
}
