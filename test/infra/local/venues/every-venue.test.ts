import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { venueSimulators } from '../../../../infra/local/venues/index.ts'
import { json } from '../../../../infra/local/venues/json.ts'
import { Decimal } from '../../../../lib/domain/decimal.ts'
import { aBook, anEmptyEntry, anEntry, answerOf } from './a-book.ts'

/** The question that brings everything, and whether it is for perpetuals. */
const everything: Readonly<Record<string, readonly [string, 'spot' | 'perpetual', string?]>> = {
  binance: ['/api/v3/ticker/24hr', 'spot'],
  binanceus: ['/api/v3/ticker/24hr', 'spot'],
  'binance-futures': ['/fapi/v1/ticker/bookTicker', 'perpetual'],
  coinbase: ['/products/BTC-USDT/ticker', 'spot'],
  kraken: ['/0/public/Ticker', 'spot'],
  'kraken-futures': ['/derivatives/api/v3/tickers', 'perpetual'],
  okx: ['/api/v5/market/tickers?instType=SPOT', 'spot'],
  bybit: ['/v5/market/tickers?category=spot', 'spot'],
  bitstamp: ['/api/v2/ticker/', 'spot'],
  bitfinex: ['/v2/tickers?symbols=ALL', 'spot'],
  gemini: ['/v1/pubticker/btcusdt', 'spot'],
  kucoin: ['/api/v1/market/allTickers', 'spot'],
  'kucoin-futures': ['/api/v1/allTickers', 'perpetual'],
  gate: ['/api/v4/spot/tickers', 'spot'],
  'crypto-com': ['/exchange/v1/public/get-tickers', 'spot'],
  bitget: ['/api/v2/spot/market/tickers', 'spot'],
  htx: ['/market/tickers', 'spot'],
  mexc: ['/api/v3/ticker/24hr', 'spot'],
  deribit: ['/api/v2/public/ticker?instrument_name=BTC_USDT-PERPETUAL', 'perpetual'],
  hyperliquid: ['/info', 'perpetual', '{"type":"metaAndAssetCtxs"}'],
}

describe('every venue', () => {
  test('is one of twenty, under a name of its own', () => {
    expect(venueSimulators.map(({ name }) => name).toSorted()).toEqual(
      Object.keys(everything).toSorted(),
    )
  })

  // Eighteen digits before and after the point: nothing may pass through a float.
  const prices = fc
    .tuple(fc.bigInt({ min: 1n, max: 10n ** 18n }), fc.integer({ min: 0, max: 18 }))
    .map(([digits, exponent]) => new Decimal(digits.toString()).div(new Decimal(10).pow(exponent)))

  test.each(Object.entries(everything))(
    '%s tells bid and ask with every digit',
    (venue, [target, kind, body]) => {
      const name = kind === 'spot' ? 'BTC-USDT' : 'BTC-USDT-PERP'
      fc.assert(
        fc.property(prices, prices, (bid, ask) => {
          const entry = { ...anEntry(name), bid, ask: ask }
          const answer = answerOf(venue, target, aBook(entry), body === undefined ? {} : { body })
          expect(answer.status).toBe(200)
          const written = numbersIn(answer.body)
          expect(written).toContain(bid.toFixed())
          expect(written).toContain(ask.toFixed())
        }),
        { numRuns: 30 },
      )
    },
  )

  test.each(Object.entries(everything))(
    '%s tells an empty book in valid JSON without inventing a price',
    (venue, [target, kind, body]) => {
      const name = kind === 'spot' ? 'BTC-USDT' : 'BTC-USDT-PERP'
      const asking = body === undefined ? {} : { body }
      const full = answerOf(
        venue,
        target,
        aBook(anEntry(name, { bid: '7171717', ask: '7171717', last: '7171717' })),
        asking,
      )
      const empty = answerOf(venue, target, aBook(anEmptyEntry(name)), asking)
      expect(numbersIn(full.body)).toContain('7171717')
      expect(numbersIn(empty.body)).not.toContain('7171717')
      expect(() => void JSON.parse(empty.body)).not.toThrow()
    },
  )

  test.each(venueSimulators.map(({ name }) => name))('%s knows no other paths', (venue) => {
    const { status, body } = answerOf(venue, '/no/such/path', aBook())
    // Kraken and Bybit answer nearly everything with status 200.
    expect(status === 404 || /error|Illegal/.test(body)).toBe(true)
  })

  test.each(venueSimulators.map((venue) => [venue.name, venue] as const))(
    '%s has words for those who ask too often',
    (_, { tooMany }) => {
      expect(tooMany.status).toBe(429)
      expect(() => void JSON.parse(tooMany.body)).not.toThrow()
    },
  )
})

test('JSON is written as everybody writes it, but for decimals and big integers', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(json(value as Parameters<typeof json>[0])).toBe(JSON.stringify(value))
    }),
  )
  expect(json({ a: new Decimal('0.000000000000000001'), b: 2n ** 64n, c: undefined })).toBe(
    '{"a":0.000000000000000001,"b":18446744073709551616}',
  )
})

/** All numbers of a text, without the zeros that only pad them. */
function numbersIn(text: string): readonly string[] {
  const found = text.match(/\d+(\.\d+)?/g) ?? []
  return found.map((number) => (number.includes('.') ? number.replace(/\.?0+$/, '') : number))
}
