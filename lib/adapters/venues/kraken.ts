import * as z from 'zod/mini'

import type { Instrument } from '../../domain/instrument.ts'
import type { Venue } from '../../ports.ts'
import { excerpt } from './exact-json.ts'
import { bestOf } from './fields.ts'
import { isSpot, together } from './names.ts'
import { ownNamesOf } from './own-names.ts'
import { quotesOf, rowOf } from './quotes.ts'
import { readBody, refuse } from './read.ts'
import { VenueUnknownNameError } from './venue-answer-error.ts'

const name = 'kraken'

/** The words of an error are looked at one by one: of a million that are none, the schema would tell each. */
const Answer = z.object({
  error: z.array(z.unknown()),
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
      instruments.filter((each) => isSpot(each) && isNamable(each)),
      (wanted) => `/0/public/Ticker?pair=${wanted.map(pairOf).join(',')}`,
    ),
  parse(answer, request) {
    const { error, result = {} } = readBody(name, Answer, answer.body)
    const words = error
      .slice(0, mostWords)
      .map((each) => (typeof each === 'string' ? each : 'no word'))
    if (words.some((each) => each.includes('Unknown asset pair')))
      throw new VenueUnknownNameError(name, excerpt(words.join(', ')))
    if (words.length > 0) refuse(name, words.join(', '), words.some(isBusy))
    return quotesOf({ venue: name, answer, request }, row, (instrument) =>
      keysOf(instrument).flatMap((key) => (Object.hasOwn(result, key) ? [result[key]] : [])),
    )
  },
}

/** It says one or two. */
const mostWords = 10

/** https://docs.kraken.com/api/docs/guides/global-intro#errors */
function isBusy(error: string): boolean {
  return /Rate limit exceeded|Temporary lockout|Too many requests|Throttled/i.test(error)
}

/** By ccxt's list of codes that Kraken writes differently from everybody. */
const ownNames = ownNamesOf({
  BTC: 'XBT',
  DOGE: 'XDG',
  LUNA: 'LUNA2',
  LUNC: 'LUNA',
  REP: 'REPV2',
  USTC: 'UST',
})

function own(asset: string): string {
  return ownNames.write(asset)
}

function isNamable({ base, quote }: Instrument): boolean {
  return ownNames.canName(base) && ownNames.canName(quote)
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
