import { existsSync, readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import { binanceFutures } from '../../../lib/adapters/venues/binance-futures.ts'
import { binance } from '../../../lib/adapters/venues/binance.ts'
import { bitfinex } from '../../../lib/adapters/venues/bitfinex.ts'
import { bitstamp } from '../../../lib/adapters/venues/bitstamp.ts'
import { bybit } from '../../../lib/adapters/venues/bybit.ts'
import { coinbase } from '../../../lib/adapters/venues/coinbase.ts'
import { gate } from '../../../lib/adapters/venues/gate.ts'
import { gemini } from '../../../lib/adapters/venues/gemini.ts'
import { krakenFutures } from '../../../lib/adapters/venues/kraken-futures.ts'
import { kraken } from '../../../lib/adapters/venues/kraken.ts'
import { okx } from '../../../lib/adapters/venues/okx.ts'
import { VenueAnswerError } from '../../../lib/adapters/venues/venue-answer-error.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { Venue } from '../../../lib/ports.ts'
import { parsed, plain } from './support.ts'

/** Beside the project; see its INDEX.json. Their WebSocket captures have other shapes than what is asked here. */
const folder = new URL('../../../../shared/data/wire/', import.meta.url)
const absent = existsSync(folder) ? '' : ' (skipped: the shared recordings are not here)'

type Recording = {
  readonly title: string
  readonly file: string
  /** The answer in the file, by keys. */
  readonly at: readonly (string | number)[]
  /** Turns the answer for one into the list that the adapter asks for. */
  readonly wrap?: (answer: unknown) => unknown
  readonly venue: Venue
  readonly instrument: string
  /** Where in the answer each number stands, as the venue's documents say. */
  readonly bid: readonly (string | number)[]
  readonly ask: readonly (string | number)[]
  readonly last?: readonly (string | number)[]
  readonly time?: readonly (string | number)[]
  /** Of `time`; in milliseconds where absent. */
  readonly readTime?: (time: string) => number
}

const jkorf = (project: string, path: string): readonly string[] => [
  'fixtures',
  `${project}/Endpoints/${path}.txt`,
  'response',
]
const xchange = (project: string, path: string): readonly string[] => [
  'fixtures',
  `xchange-${project}/src/test/resources/${path}.json`,
]
const asList = (answer: unknown): unknown => [answer]

const recordings: readonly Recording[] = [
  {
    title: 'Binance, two symbols',
    file: 'gocryptotrader/binance.json',
    at: ['routes', '/api/v3/ticker/24hr', 'GET', 4, 'data'],
    venue: binance,
    instrument: 'BTC-USDT',
    bid: [0, 'bidPrice'],
    ask: [0, 'askPrice'],
    last: [0, 'lastPrice'],
    time: [0, 'closeTime'],
  },
  {
    title: 'Binance, one symbol',
    file: 'jkorf/Binance.Net.json',
    at: jkorf('Binance.Net.UnitTests', 'Spot/ExchangeData/GetTicker'),
    wrap: asList,
    venue: binance,
    instrument: 'BNB-BTC',
    bid: [0, 'bidPrice'],
    ask: [0, 'askPrice'],
    last: [0, 'lastPrice'],
    time: [0, 'closeTime'],
  },
  {
    title: 'Binance USD-M, all book tickers',
    file: 'gocryptotrader/binance.json',
    at: ['routes', '/fapi/v1/ticker/bookTicker', 'GET', 0, 'data'],
    venue: binanceFutures,
    instrument: 'ETH-USDT-PERP',
    bid: [1, 'bidPrice'],
    ask: [1, 'askPrice'],
    time: [1, 'time'],
  },
  {
    title: 'Bitstamp, one pair',
    file: 'gocryptotrader/bitstamp.json',
    at: ['routes', '/api/v2/ticker/btcusd/', 'GET', 0, 'data'],
    // Only the list of all pairs says which pair a row is about.
    wrap: (answer) => [{ ...(answer as object), pair: 'BTC/USD' }],
    venue: bitstamp,
    instrument: 'BTC-USD',
    bid: [0, 'bid'],
    ask: [0, 'ask'],
    last: [0, 'last'],
    time: [0, 'timestamp'],
    readTime: (time) => Number(time) * 1000,
  },
  {
    title: 'Gemini',
    file: 'gocryptotrader/gemini.json',
    at: ['routes', '/v1/pubticker/BTCUSD', 'GET', 0, 'data'],
    venue: gemini,
    instrument: 'BTC-USD',
    bid: ['bid'],
    ask: ['ask'],
    last: ['last'],
  },
  {
    title: 'Bybit, spot',
    file: 'jkorf/Bybit.Net.json',
    at: jkorf('Bybit.UnitTests', 'V5Api/ExchangeData/GetSpotTickers'),
    venue: bybit,
    instrument: 'BTC-USDT',
    bid: ['result', 'list', 0, 'bid1Price'],
    ask: ['result', 'list', 0, 'ask1Price'],
    last: ['result', 'list', 0, 'lastPrice'],
    time: ['time'],
  },
  {
    title: 'OKX, swaps',
    file: 'jkorf/OKX.Net.json',
    at: jkorf('OKX.Net.UnitTests', 'UnifiedApi/ExchangeData/GetTickers'),
    venue: okx,
    instrument: 'LTC-USD-PERP',
    bid: ['data', 0, 'bidPx'],
    ask: ['data', 0, 'askPx'],
    last: ['data', 0, 'last'],
    time: ['data', 0, 'ts'],
  },
  {
    title: 'Kraken',
    file: 'jkorf/Kraken.Net.json',
    at: jkorf('Kraken.Net.UnitTests', 'Spot/ExchangeData/GetTicker'),
    venue: kraken,
    instrument: 'BTC-USD',
    bid: ['result', 'XXBTZUSD', 'b', 0],
    ask: ['result', 'XXBTZUSD', 'a', 0],
    last: ['result', 'XXBTZUSD', 'c', 0],
  },
  {
    title: 'Kraken of 2014',
    file: 'xchange/kraken.json',
    at: xchange('kraken', 'org/knowm/xchange/kraken/dto/marketdata/example-ticker-data'),
    venue: kraken,
    instrument: 'BTC-EUR',
    bid: ['result', 'XXBTZEUR', 'b', 0],
    ask: ['result', 'XXBTZEUR', 'a', 0],
    last: ['result', 'XXBTZEUR', 'c', 0],
  },
  {
    title: 'Bitfinex, with a funding row',
    file: 'xchange/bitfinex.json',
    at: xchange('bitfinex', 'org/knowm/xchange/bitfinex/v2/dto/marketdata/example-ticker-data'),
    venue: bitfinex,
    instrument: 'BTC-USD',
    bid: [1, 1],
    ask: [1, 3],
    last: [1, 7],
  },
  {
    title: 'Gate, spot',
    file: 'xchange/gateio-v4.json',
    at: xchange('gateio-v4', '__files/api_v4_spot_tickers'),
    venue: gate,
    instrument: 'BTC-USDT',
    bid: [0, 'highest_bid'],
    ask: [0, 'lowest_ask'],
    last: [0, 'last'],
  },
  {
    title: 'Coinbase',
    file: 'xchange/coinbasepro.json',
    at: xchange('coinbasepro', 'org/knowm/xchange/coinbasepro/dto/marketdata/example-ticker-data'),
    venue: coinbase,
    instrument: 'BTC-USD',
    bid: ['bid'],
    ask: ['ask'],
    last: ['price'],
    time: ['time'],
    readTime: (time) => Date.parse(time),
  },
]

describe.skipIf(absent !== '')(`recorded answers${absent}`, () => {
  test.each(recordings.map((recording) => [recording.title, recording] as const))(
    '%s',
    (_, { venue, instrument, ...recording }) => {
      const found = valueAt(
        JSON.parse(readFileSync(new URL(recording.file, folder), 'utf8')),
        recording.at,
      )
      const answer = recording.wrap ? recording.wrap(found) : found
      const said = (keys: readonly (string | number)[]) => decimalText(valueAt(answer, keys))
      const { readTime = Number, time } = recording
      const told = time && readTime(String(valueAt(answer, time)))
      const at = timestamp(told ?? 1_700_000_000_000)
      const [quote] = parsed(venue, [instrument], JSON.stringify(answer), at)
      expect(plain(quote?.bid)).toBe(said(recording.bid))
      expect(plain(quote?.ask)).toBe(said(recording.ask))
      expect(plain(quote?.last)).toBe(recording.last && said(recording.last))
      expect(quote?.venueTime).toBe(told)
    },
  )

  test('Kraken’s futures of 2022, which have inverse contracts only, price no linear one', () => {
    const file = JSON.parse(
      readFileSync(new URL('jkorf/Kraken.Net.json', folder), 'utf8'),
    ) as unknown
    const answer = valueAt(file, jkorf('Kraken.Net.UnitTests', 'Futures/ExchangeData/GetTickers'))
    const at = timestamp(Date.parse(String(valueAt(answer, ['serverTime']))))
    expect(parsed(krakenFutures, ['BTC-USD-PERP'], JSON.stringify(answer), at)).toEqual([])
  })

  test('Bybit’s inverse contracts are not taken for linear ones', () => {
    const file = JSON.parse(
      readFileSync(new URL('jkorf/Bybit.Net.json', folder), 'utf8'),
    ) as unknown
    const path = 'V5Api/ExchangeData/GetLinearInverseTickers'
    const answer = JSON.stringify(valueAt(file, jkorf('Bybit.UnitTests', path)))
    expect(() => parsed(bybit, ['BTC-USDT-PERP'], answer)).toThrow(VenueAnswerError)
  })

  test('an error of Gemini is refused with its reason', () => {
    const file = JSON.parse(
      readFileSync(new URL('gocryptotrader/gemini.json', folder), 'utf8'),
    ) as unknown
    const answer = valueAt(file, ['routes', '/v1/pubticker/bla', 'GET', 0, 'data'])
    expect(() => parsed(gemini, ['BTC-USD'], JSON.stringify(answer))).toThrow('gemini: Bad Request')
  })
})

function valueAt(value: unknown, keys: readonly (string | number)[]): unknown {
  return keys.reduce<unknown>((inner, key) => {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key))
      throw new Error(`the recording has no ${String(key)} of ${keys.join(' / ')}`)
    return Reflect.get(inner, key)
  }, value)
}

/** Without the zeros that only pad it. */
function decimalText(value: unknown): string {
  const text = String(value)
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}
