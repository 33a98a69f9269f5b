import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { venues } from '../../../lib/adapters/venues/index.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import { parseInstrument } from '../../../lib/domain/instrument.ts'
import type { Venue } from '../../../lib/ports.ts'
import { now, samples } from './samples.ts'
import { parsed, plain, tokens } from './support.ts'

describe.each(samples.map((sample) => [sample.title, sample] as const))('%s', (_, sample) => {
  const { venue, instrument, timeKind } = sample
  const at = now - 1_500

  test('reads bid, ask, last and the venue’s time', () => {
    const [quote, ...others] = parsed(venue, [instrument], sample.body([tokens(sample)]))
    expect(others).toEqual([])
    expect(plain(quote?.bid)).toBe('64000.12')
    expect(plain(quote?.ask)).toBe('64001')
    expect(plain(quote?.last)).toBe(sample.hasNoLast ? undefined : '63999.987')
    expect(quote).toMatchObject({
      venue: venue.name,
      instrument,
      timeKind,
      receivedAt: now,
      answeredAt: 1_767_225_600_000,
      suspended: false,
    })
    expect(quote?.venueTime).toBe(timeKind === 'none' ? undefined : (sample.keeps?.(at) ?? at))
  })

  test('keeps every digit, whether the venue quotes its numbers or not', () => {
    // Eighteen digits before and after the point: none of them may pass through a float.
    const prices = fc
      .tuple(fc.bigInt({ min: 1n, max: 10n ** 18n }), fc.integer({ min: 0, max: 18 }))
      .map(([digits, places]) => new Decimal(digits.toString()).div(new Decimal(10).pow(places)))
    fc.assert(
      fc.property(prices, prices, prices, fc.boolean(), (one, other, last, quotes) => {
        const [bid, ask] = one.lte(other) ? [one, other] : [other, one]
        const write = (price: Decimal) => (quotes ? `"${price.toFixed()}"` : price.toFixed())
        const row = tokens(sample, { bid: write(bid), ask: write(ask), last: write(last) })
        const [quote] = parsed(venue, [instrument], sample.body([row]))
        expect(plain(quote?.bid)).toBe(bid.toFixed())
        expect(plain(quote?.ask)).toBe(ask.toFixed())
        expect(plain(quote?.last)).toBe(sample.hasNoLast ? undefined : last.toFixed())
      }),
      { numRuns: 30 },
    )
  })

  test('reads exponents exactly', () => {
    const row = tokens(sample, { bid: '2.38E2', ask: '23822.1682422016685e-2', last: '2.4e+2' })
    const [quote] = parsed(venue, [instrument], sample.body([row]))
    expect(plain(quote?.bid)).toBe('238')
    expect(plain(quote?.ask)).toBe('238.221682422016685')
    expect(plain(quote?.last)).toBe(sample.hasNoLast ? undefined : '240')
  })
})

test('every venue has a name and an https base of its own', () => {
  const names = venues.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names.every((name) => /^[a-z-]+$/.test(name))).toBe(true)
  expect(venues.every(({ baseUrl }) => /^https:\/\/[a-z.-]+$/.test(baseUrl))).toBe(true)
  expect(names.toSorted()).toEqual([...new Set(samples.map(({ venue }) => venue.name))].toSorted())
})

describe('asks', () => {
  const cases: readonly (readonly [venue: string, names: string, paths: readonly string[]])[] = [
    [
      'binance',
      'BTC-USDT ETH-USDC',
      ['/api/v3/ticker/24hr?symbols=%5B%22BTCUSDT%22%2C%22ETHUSDC%22%5D'],
    ],
    ['binanceus', 'USDT-USD', ['/api/v3/ticker/24hr?symbols=%5B%22USDTUSD%22%5D']],
    ['binance-futures', 'BTC-USDT-PERP ETH-USDT-PERP', ['/fapi/v1/ticker/bookTicker']],
    ['coinbase', 'BTC-USD USDT-USD', ['/products/BTC-USD/ticker', '/products/USDT-USD/ticker']],
    [
      'kraken',
      'BTC-USD DOGE-USD USDT-USD STRK-EUR',
      ['/0/public/Ticker?pair=XBTUSD,XDGUSD,USDTUSD,STRKEUR'],
    ],
    ['kraken-futures', 'BTC-USD-PERP ETH-USD-PERP', ['/derivatives/api/v3/tickers']],
    [
      'okx',
      'BTC-USDT BTC-USDT-PERP ETH-USDT',
      ['/api/v5/market/tickers?instType=SPOT', '/api/v5/market/tickers?instType=SWAP'],
    ],
    [
      'bybit',
      'BTC-USDT BTC-USDT-PERP BTC-USDC-PERP',
      ['/v5/market/tickers?category=spot', '/v5/market/tickers?category=linear'],
    ],
    ['bitstamp', 'BTC-USD ETH-USD', ['/api/v2/ticker/']],
    [
      'bitfinex',
      'BTC-USD BTC-USDT DOGE-USD USDT-USD USDC-USD BTC-USDT-PERP',
      ['/v2/tickers?symbols=tBTCUSD,tBTCUST,tDOGE%3AUSD,tUSTUSD,tUDCUSD,tBTCF0%3AUSTF0'],
    ],
    ['gemini', 'BTC-USD ETH-GUSD-PERP', ['/v1/pubticker/btcusd', '/v1/pubticker/ethgusdperp']],
    ['kucoin', 'BTC-USDT ETH-USDT', ['/api/v1/market/allTickers']],
    ['kucoin-futures', 'BTC-USDT-PERP', ['/api/v1/allTickers']],
    ['gate', 'BTC-USDT BTC-USDT-PERP', ['/api/v4/spot/tickers', '/api/v4/futures/usdt/tickers']],
    ['crypto-com', 'BTC-USD BTC-USD-PERP', ['/exchange/v1/public/get-tickers']],
    [
      'bitget',
      'BTC-USDT BTC-USDT-PERP',
      ['/api/v2/spot/market/tickers', '/api/v2/mix/market/tickers?productType=USDT-FUTURES'],
    ],
    [
      'htx',
      'BTC-USDT BTC-USDT-PERP',
      ['/market/tickers', '/linear-swap-ex/market/detail/batch_merged?business_type=swap'],
    ],
    ['mexc', 'BTC-USDT BTC-USDT-PERP', ['/api/v3/ticker/24hr', '/api/v1/contract/ticker']],
    [
      'deribit',
      'BTC-USD-PERP SOL-USDC-PERP',
      [
        '/api/v2/public/ticker?instrument_name=BTC-PERPETUAL',
        '/api/v2/public/ticker?instrument_name=SOL_USDC-PERPETUAL',
      ],
    ],
    ['hyperliquid', 'BTC-USDT-PERP ETH-USDT-PERP', ['/info']],
  ]

  test.each(cases)('%s for %s with the fewest requests', (name, names, paths) => {
    const instruments = names.split(' ').map(parseInstrument)
    const requests = venueOf(name).requests(instruments)
    expect(requests.map(({ path }) => path)).toEqual(paths)
    expect(new Set(requests.flatMap((request) => request.instruments))).toEqual(
      new Set(instruments),
    )
    for (const { method, body } of requests) {
      expect(method).toBe(name === 'hyperliquid' ? 'POST' : 'GET')
      expect(body).toBe(name === 'hyperliquid' ? '{"type":"metaAndAssetCtxs"}' : undefined)
    }
  })

  test.each(venues.map(({ name }) => name))('nothing where nothing is wanted: %s', (name) => {
    expect(venueOf(name).requests([])).toEqual([])
  })

  test.each([
    ['binance', 'BTC-USDT-PERP'],
    ['binance-futures', 'BTC-USDT'],
    ['coinbase', 'BTC-USD-PERP'],
    ['kraken', 'BTC-USD-PERP'],
    ['kraken-futures', 'BTC-USD'],
    ['kraken-futures', 'BTC-USDT-PERP'],
    ['bybit', 'BTC-USD-PERP'],
    ['bitstamp', 'BTC-USD-PERP'],
    ['kucoin', 'BTC-USDT-PERP'],
    ['kucoin-futures', 'BTC-USDT'],
    ['gate', 'BTC-USD-PERP'],
    ['bitget', 'BTC-USD-PERP'],
    ['hyperliquid', 'BTC-USD'],
    ['hyperliquid', 'BTC-USD-PERP'],
  ])('%s not for %s, which its list would answer with another instrument', (name, instrument) => {
    expect(venueOf(name).requests([parseInstrument(instrument)])).toEqual([])
  })

  test('HTX for swaps on their own host', () => {
    const requests = venueOf('htx').requests(['BTC-USDT', 'BTC-USDT-PERP'].map(parseInstrument))
    expect(requests.map(({ baseUrl }) => baseUrl)).toEqual([undefined, 'https://api.hbdm.com'])
  })
})

function venueOf(name: string): Venue {
  const venue = venues.find((each) => each.name === name)
  if (!venue) throw new Error(`no venue ${name}`)
  return venue
}
