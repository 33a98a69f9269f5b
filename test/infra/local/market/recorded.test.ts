import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { recordedMarket } from '../../../../infra/local/market/recorded.ts'
import type { RecordedMarket } from '../../../../infra/local/market/recorded.ts'
import { recordedListing } from '../../../../lib/adapters/recordings/recorded-names.ts'
import { RecordingError } from '../../../../lib/adapters/recordings/recording-error.ts'
import { instrumentName, parseInstrument } from '../../../../lib/domain/instrument.ts'
import { timestamp } from '../../../../lib/domain/time.ts'

const startedAt = timestamp(1_790_000_000_000)
const minute = 60_000
const first = 1_678_492_800_000

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recorded-market-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('a recording of bars', () => {
  const rows = [
    bar(0, 'kraken,XBT/USD,20000.10,,,1.5'),
    bar(0, 'binanceus,BTCUSD,20001,20000.5,20001.5,2'),
    bar(1, 'kraken,XBT/USD,20010,,,0'),
    bar(1, 'bitmex,XBTUSD,20010,,,5'),
    bar(5, 'kraken,XBT/USD,19990,,,3'),
  ]

  test('shows a bar from its end on, and a second apart what was a minute apart at speed 60', async () => {
    const market = await play(rows, { speed: 60 })
    expect(seen(market, 'kraken:BTC-USD', 0)).toMatchObject({ last: '20000.1', quoteAt: 0 })
    expect(seen(market, 'kraken:BTC-USD', 999)).toMatchObject({ last: '20000.1', quoteAt: 0 })
    expect(seen(market, 'kraken:BTC-USD', 1000)).toMatchObject({ last: '20010', quoteAt: 1000 })
  })

  test('lets a quote age while minutes are missing', async () => {
    const market = await play(rows, { speed: 60 })
    expect(seen(market, 'kraken:BTC-USD', 4999)).toMatchObject({ last: '20010', quoteAt: 1000 })
    expect(seen(market, 'kraken:BTC-USD', 5000)).toMatchObject({ last: '19990', quoteAt: 5000 })
  })

  test('shows the close on both sides where the recorder knew no bid and no ask', async () => {
    const market = await play(rows, { speed: 60 })
    expect(seen(market, 'kraken:BTC-USD', 0)).toMatchObject({ bid: '20000.1', ask: '20000.1' })
    expect(seen(market, 'binanceus:BTC-USD', 0)).toMatchObject({ bid: '20000.5', ask: '20001.5' })
  })

  test('does not take a bar without volume for a trade', async () => {
    const market = await play(rows, { speed: 60 })
    expect(seen(market, 'kraken:BTC-USD', 1000)).toMatchObject({ quoteAt: 1000, lastTradeAt: 0 })
  })

  test('stands still after its last row, and says when that is', async () => {
    const market = await play(rows, { speed: 60 })
    expect(market.endsAt).toBe(startedAt + 5000)
    expect(seen(market, 'kraken:BTC-USD', 86_400_000)).toMatchObject({
      last: '19990',
      quoteAt: 5000,
    })
  })

  test('begins where it is told, with what was known then and its age', async () => {
    const from = new Date(first + 3 * minute).toISOString()
    const market = await play(rows, { speed: 30, from })
    expect(seen(market, 'kraken:BTC-USD', 0)).toMatchObject({ last: '20010', quoteAt: -4000 })
    expect(seen(market, 'kraken:BTC-USD', 4000)).toMatchObject({ last: '19990', quoteAt: 4000 })
  })

  test('shows nothing of what was not yet known when it began', async () => {
    const market = await play(rows, { speed: 1, from: first - minute })
    expect(seen(market, 'kraken:BTC-USD', 0)).toBeUndefined()
    expect(seen(market, 'kraken:BTC-USD', minute)).toBeDefined()
  })

  test('lists what it covers, and what it had to leave out', async () => {
    const market = await play(rows, { speed: 1 })
    const names = market
      .covers()
      .map(({ venue, instrument }) => `${venue}:${instrumentName(instrument)}`)
    expect(names).toEqual(['kraken:BTC-USD', 'binanceus:BTC-USD'])
    expect(market.ignored).toEqual(['bitmex XBTUSD'])
  })

  test('never looks ahead, at any speed and time', async () => {
    const prices = Array.from({ length: 50 }, (_, n) => 100 + n)
    const file = await record(prices.map((price, n) => bar(n, `kraken,XBT/USD,${price},,,1`)))
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0.01, max: 5000, noNaN: true }),
        fc.integer({ min: first - 10 * minute, max: first + 60 * minute }),
        fc.integer({ min: -1_000_000, max: 5_000_000 }),
        async (speed, from, wall) => {
          const market = await recordedMarket({ file, speed, from, startedAt })
          const shown = seen(market, 'kraken:BTC-USD', wall)
          // Counted here from the rule alone: row n is known from minute n on.
          const newest = Math.floor((from + wall * speed - first) / minute)
          const skipped = Math.floor((from - first) / minute)
          const unknown = newest < 0 || newest < Math.min(skipped, 49)
          expect(shown?.last).toBe(unknown ? undefined : String(100 + Math.min(newest, 49)))
          expect(shown?.quoteAt ?? -Infinity).toBeLessThanOrEqual(wall)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('reads gzip as well as plain text', async () => {
    const file = join(folder, 'zipped.csv.gz')
    await writeFile(file, gzipSync(barsText(rows)))
    const market = await recordedMarket({ file, speed: 60, startedAt })
    expect(seen(market, 'kraken:BTC-USD', 5000)).toMatchObject({ last: '19990' })
  })
})

describe('a recording of ticks', () => {
  const header = 'ts_ms,venue,symbol,price,bid,ask,volume,side,recv_ms'
  const rows = [
    `,binance-spot,BTCUSDT,,61800.1,61800.2,,,${first}`,
    `${first - 300},binance-spot,BTCUSDT,61800.2,,,0.1,buy,${first + 1000}`,
    `,binance-spot,BTCUSDT,,61801,61801.5,,,${first + 2000}`,
  ]

  test('is fed by the recorder’s clock, shows the venue’s, and keeps the book through trades', async () => {
    const market = await play(rows, { speed: 1, header })
    expect(seen(market, 'binance:BTC-USDT', 999)).toMatchObject({ bid: '61800.1', last: undefined })
    expect(seen(market, 'binance:BTC-USDT', 1000)).toEqual({
      bid: '61800.1',
      ask: '61800.2',
      last: '61800.2',
      lastTradeAt: -300,
      quoteAt: 0,
    })
    expect(seen(market, 'binance:BTC-USDT', 2000)).toMatchObject({
      bid: '61801',
      last: '61800.2',
      quoteAt: 2000,
    })
  })
})

describe('a recording that cannot be played', () => {
  const good = bar(0, 'kraken,XBT/USD,20000,,,1')
  const cases: readonly (readonly [string, readonly string[], number, string])[] = [
    ['a price that is no number', [good, bar(1, 'kraken,XBT/USD,abc,,,1')], 3, 'price is "abc"'],
    ['a price of zero', [good, bar(1, 'kraken,XBT/USD,0.00,,,1')], 3, 'price is "0.00"'],
    ['a negative bid', [good, bar(1, 'kraken,XBT/USD,1,-1,2,1')], 3, 'bid is "-1"'],
    ['a missing value', [good, `${first},kraken,XBT/USD,1,,`], 3, '6 values for 10 columns'],
    ['seconds for milliseconds', ['1678492800,kraken,XBT/USD,1,,,1,1,1,1'], 2, 'unix milliseconds'],
    ['no time at all', [',kraken,XBT/USD,1,,,1,1,1,1'], 2, 'has no time'],
    ['time that goes back', [bar(1, 'kraken,XBT/USD,1,,,1'), good], 3, 'time goes back'],
    [
      'one market under two names',
      [good, bar(1, 'kraken,BTC/USD,1,,,1')],
      3,
      'kraken BTC/USD is the same market as kraken XBT/USD',
    ],
  ]

  test.each(cases)('is refused by file and line: %s', async (_, rows, line, reason) => {
    const file = await record(rows)
    const playing = recordedMarket({ file, speed: 1, startedAt })
    await expect(playing).rejects.toThrow(RecordingError)
    await expect(playing).rejects.toThrow(`${file}, line ${line}: `)
    await expect(playing).rejects.toThrow(reason)
  })

  test('is refused for its header, for being empty, and for not being there', async () => {
    await expect(play([], { speed: 1, header: 'time,price' })).rejects.toThrow('ts_ms, venue')
    await expect(play([], { speed: 1, header: '' })).rejects.toThrow('line 1: the file is empty')
    const file = join(folder, 'nowhere.csv.gz')
    await expect(recordedMarket({ file, speed: 1, startedAt })).rejects.toThrow('ENOENT')
  })

  test('is refused where it is not gzip although it says so', async () => {
    const file = join(folder, 'broken.csv.gz')
    await writeFile(file, 'ts_ms,venue')
    await expect(recordedMarket({ file, speed: 1, startedAt })).rejects.toThrow('incorrect header')
  })

  test('needs a speed above zero and a beginning that is a time', async () => {
    await expect(play([good], { speed: 0 })).rejects.toThrow(RangeError)
    await expect(play([good], { speed: 1, from: 'yesterday' })).rejects.toThrow('"yesterday"')
  })
})

describe('recorded names', () => {
  test.each([
    ['binance', 'BTCUSDT', 'binance:BTC-USDT'],
    ['binance-usdm', 'SOLUSDT', 'binance-futures:SOL-USDT-PERP'],
    ['binanceus', 'USDCUSDT', 'binanceus:USDC-USDT'],
    ['binanceus', 'USDCUSD', 'binanceus:USDC-USD'],
    ['bybit', 'BTCUSDC', 'bybit:BTC-USDC'],
    ['bybit-linear', 'BTCUSDT', 'bybit:BTC-USDT-PERP'],
    ['coinbase', 'USDT-USD', 'coinbase:USDT-USD'],
    ['cryptocom', 'BTC_USDC', 'crypto-com:BTC-USDC'],
    ['kraken', 'XBT/EUR', 'kraken:BTC-EUR'],
    ['binance', 'BTCBUSD', 'binance:BTC-BUSD'],
  ])('%s %s is %s', (venue, symbol, expected) => {
    const listing = recordedListing(venue, symbol)
    expect(listing && `${listing.venue}:${instrumentName(listing.instrument)}`).toBe(expected)
  })

  test('know no inverse contracts, no mark prices and no symbol without a quote', () => {
    expect(recordedListing('binance-coinm', 'BTCUSD_PERP')).toBeUndefined()
    expect(recordedListing('binance-usdm-mark', 'BTCUSDT')).toBeUndefined()
    expect(recordedListing('kraken', 'XBT')).toBeUndefined()
    expect(recordedListing('kraken', 'USD')).toBeUndefined()
  })
})

const shared = join(import.meta.dirname, '../../../../../shared/data/prices')
const depeg = join(shared, 'usdc_depeg_2023-03-01_21_1m.csv.gz')
const absent = existsSync(depeg) ? '' : ' (skipped: the shared recordings are not here)'

describe.skipIf(absent !== '')(`the recorded depeg of March 2023${absent}`, () => {
  let market: RecordedMarket
  beforeAll(async () => {
    market = await recordedMarket({ file: depeg, from: '2023-03-11T00:00Z', speed: 60, startedAt })
  })

  test('plays all its 22 series', () => {
    expect(market.covers()).toHaveLength(22)
    expect(market.ignored).toEqual([])
    for (const { venue, instrument } of market.covers())
      expect(market.quote(venue, instrument, startedAt)).toBeDefined()
  })

  test('shows USDC below 0.9 that morning at Kraken and back above 0.99 two days later', () => {
    // 2023-03-11 07:00 to 08:00 UTC: the coin's lowest hour by the press of that day.
    const worst = Array.from({ length: 60 }, (_, n) => usdc(7 * 60 + n))
    expect(Math.min(...worst)).toBeLessThan(0.9)
    expect(usdc(2.9 * 24 * 60)).toBeGreaterThan(0.99)
  })

  test('shows Crypto.com’s BTC-USDC frozen at 20100 with a last trade from long ago', () => {
    const shown = seen(market, 'crypto-com:BTC-USDC', 600_000)
    expect(shown).toMatchObject({ last: '20100' })
    expect(shown?.lastTradeAt).toBeLessThan(0)
  })

  /** So many recorded minutes after midnight. */
  function usdc(minutes: number): number {
    return Number(seen(market, 'kraken:USDC-USD', minutes * 1000)?.last)
  }
})

function bar(minutes: number, rest: string): string {
  return `${first + minutes * minute},${rest},1,1,1`
}

const barsHeader = 'ts_ms,venue,symbol,price,bid,ask,volume,open,high,low'

function barsText(rows: readonly string[], header = barsHeader): string {
  return header === '' ? '' : [header, ...rows, ''].join('\n')
}

let files = 0

async function record(rows: readonly string[], header = barsHeader): Promise<string> {
  files += 1
  const file = join(folder, `${files}.csv`)
  await writeFile(file, barsText(rows, header))
  return file
}

async function play(
  rows: readonly string[],
  { speed, from, header }: { speed: number; from?: string | number; header?: string },
): Promise<RecordedMarket> {
  const file = await record(rows, header)
  return recordedMarket({ file, speed, startedAt, ...(from === undefined ? {} : { from }) })
}

/** Prices as text, times from the start on. */
function seen(market: RecordedMarket, name: string, ms: number) {
  const [venue = '', instrument = ''] = name.split(':')
  const quote = market.quote(venue, parseInstrument(instrument), timestamp(startedAt + ms))
  if (!quote) return undefined
  return {
    bid: quote.bid?.toFixed(),
    ask: quote.ask?.toFixed(),
    last: quote.last?.toFixed(),
    lastTradeAt: quote.lastTradeAt - startedAt,
    quoteAt: quote.quoteAt - startedAt,
  }
}
