import { describe, expect, test } from 'vitest'

import { bitfinex } from '../../../lib/adapters/venues/bitfinex.ts'
import { bitget } from '../../../lib/adapters/venues/bitget.ts'
import { bybit } from '../../../lib/adapters/venues/bybit.ts'
import { deribit } from '../../../lib/adapters/venues/deribit.ts'
import { gate } from '../../../lib/adapters/venues/gate.ts'
import { htx } from '../../../lib/adapters/venues/htx.ts'
import { hyperliquid } from '../../../lib/adapters/venues/hyperliquid.ts'
import { krakenFutures } from '../../../lib/adapters/venues/kraken-futures.ts'
import { kraken } from '../../../lib/adapters/venues/kraken.ts'
import {
  VenueAnswerError,
  VenueBusyError,
  VenueUnknownNameError,
} from '../../../lib/adapters/venues/venue-answer-error.ts'
import { parseInstrument } from '../../../lib/domain/instrument.ts'
import { now } from './samples.ts'
import { parsed, plain } from './support.ts'

describe('kraken', () => {
  // Keys as in https://api.kraken.com/0/public/AssetPairs, by the reference and recorded answers.
  test.each([
    ['BTC-USD', 'XXBTZUSD'],
    ['BTC-EUR', 'XXBTZEUR'],
    ['BTC-USDT', 'XBTUSDT'],
    ['BTC-USDC', 'XBTUSDC'],
    ['ETH-USD', 'XETHZUSD'],
    ['ETH-BTC', 'XETHXXBT'],
    ['DOGE-USD', 'XDGUSD'],
    ['USDT-USD', 'USDTZUSD'],
    ['USDC-USD', 'USDCUSD'],
    ['SOL-USD', 'SOLUSD'],
  ])('finds %s under the key %s', (instrument, key) => {
    const quotes = parsed(
      kraken,
      [instrument],
      `{"error":[],"result":{"${key}":${krakenRow('7.5')}}}`,
    )
    expect(quotes.map((quote) => [quote.instrument, plain(quote.last)])).toEqual([
      [instrument, '7.5'],
    ])
  })

  test('trusts neither of two spellings of one pair', () => {
    const both = `"XXBTZUSD":${krakenRow('7.5')},"XBTUSD":${krakenRow('7.6')}`
    const body = `{"error":[],"result":{${both},"SOLUSD":${krakenRow('8')}}}`
    const quotes = parsed(kraken, ['BTC-USD', 'SOL-USD'], body)
    expect(quotes.map(({ instrument }) => instrument)).toEqual(['SOL-USD'])
  })

  test('blames the names when one unknown pair fails all', () => {
    const body = '{"error":["EQuery:Unknown asset pair"]}'
    expect(() => parsed(kraken, ['BTC-USD', 'FOO-USD'], body)).toThrow(
      new VenueUnknownNameError('kraken', 'EQuery:Unknown asset pair'),
    )
  })

  test.each(['EAPI:Rate limit exceeded', 'EGeneral:Temporary lockout'])(
    'is left alone after %s',
    (error) => {
      expect(() => parsed(kraken, ['BTC-USD'], `{"error":["${error}"]}`)).toThrow(VenueBusyError)
    },
  )
})

describe('kraken-futures', () => {
  test('tells a suspended contract, also without prices', () => {
    const [quote] = parsed(krakenFutures, ['ETH-USD-PERP'], futuresAnswer('"suspended":true'))
    expect(quote).toMatchObject({ suspended: true, bid: undefined, ask: undefined })
  })

  test('has no price for a side that is left out', () => {
    const [quote] = parsed(
      krakenFutures,
      ['ETH-USD-PERP'],
      futuresAnswer('"bid":3000.5,"suspended":false'),
    )
    expect([plain(quote?.bid), quote?.ask, quote?.last]).toEqual(['3000.5', undefined, undefined])
  })
})

test.each([
  ['words', '["error",10020,"symbol: invalid"]', 'bitfinex: error 10020, symbol: invalid'],
  ['an object', '["error",{"toString":1,"valueOf":1},"no"]', 'bitfinex: the error.1 is an object'],
  [
    'what has no end',
    `["error",1,${'['.repeat(100_000)}${']'.repeat(100_000)}]`,
    'bitfinex: the error.2 is a list of 1',
  ],
])('bitfinex’s error is told where its words are %s', (_, body, words) => {
  expect(() => parsed(bitfinex, ['BTC-USDT'], body)).toThrow(
    new VenueAnswerError('bitfinex', words.slice(10)),
  )
})

test.each([
  ['bybit', (text: string) => `{"retCode":1,"retMsg":"${text}","result":{},"time":1}`],
  ['kraken', (text: string) => `{"error":["${text}"]}`],
  ['kraken', (text: string) => `{"error":["EQuery:Unknown asset pair ${text}"]}`],
])('the words of %s are told no further than their beginning', (name, answer) => {
  const venue = name === 'kraken' ? kraken : bybit
  const instrument = name === 'kraken' ? 'BTC-USD' : 'BTC-USDT'
  expect(() => parsed(venue, [instrument], answer('no '.repeat(100_000)))).toThrow(/^.{1,150}$/)
})

test('bybit is not believed where it answers for the other category', () => {
  const body =
    '{"retCode":0,"retMsg":"OK","result":{"category":"linear","list":[]},"time":1767225600123}'
  expect(() => parsed(bybit, ['BTC-USDT'], body)).toThrow('bybit: result.category is "linear"')
})

test('bybit’s perpetuals in USDC have a name of their own', () => {
  const row = '{"symbol":"BTCPERP","bid1Price":"1","ask1Price":"2","lastPrice":"1"}'
  const body = `{"retCode":0,"retMsg":"OK","result":{"category":"linear","list":[${row}]},"time":1767225600123}`
  expect(parsed(bybit, ['BTC-USDC-PERP'], body)).toHaveLength(1)
})

test('bitget falls back to the time of the whole answer where a row has 0', () => {
  const row = '{"symbol":"BTCUSDT","lastPr":"2","bidPr":"1","askPr":"3","ts":"0"}'
  const body = `{"code":"00000","msg":"success","requestTime":1767225600100,"data":[${row}]}`
  expect(parsed(bitget, ['BTC-USDT'], body)).toMatchObject([
    { timeKind: 'envelope', venueTime: 1_767_225_600_100 },
  ])
})

test('gate’s older futures tickers have no sides', () => {
  const body = '[{"contract":"BTC_USDT","last":"6432","mark_price":"6534"}]'
  const [quote] = parsed(gate, ['BTC-USDT-PERP'], body)
  expect([quote?.bid, quote?.ask, plain(quote?.last)]).toEqual([undefined, undefined, '6432'])
})

test('an HTX swap without buyers has null for them', () => {
  const tick = `{"contract_code":"BTC-USDT","bid":null,"ask":[9146.87,0.15],"close":"9146","ts":${now}}`
  const [quote] = parsed(htx, ['BTC-USDT-PERP'], `{"status":"ok","ticks":[${tick}],"ts":${now}}`)
  expect([quote?.bid, plain(quote?.ask)]).toEqual([undefined, '9146.87'])
})

test.each([
  ['BTC-USD', 'tBTCUSD'],
  ['DOGE-USDT', 'tDOGE:UST'],
  ['USDT-USD', 'tUSTUSD'],
  ['BTC-USDT-PERP', 'tBTCF0:USTF0'],
])('bitfinex calls %s %s', (instrument, symbol) => {
  const body = `[["${symbol}",1,1,3,1,0,0,2,1,1,1]]`
  expect(parsed(bitfinex, [instrument], body)).toMatchObject([{ instrument }])
})

describe('deribit', () => {
  test('counts every state but open as suspended', () => {
    expect([suspendedIn('open'), suspendedIn('closed'), suspendedIn('locked')]).toEqual([
      [false],
      [true],
      [true],
    ])
  })

  test('does not take another instrument’s answer', () => {
    expect(parsed(deribit, ['BTC-USD-PERP'], deribitAnswer('open', 'ETH-PERPETUAL'))).toEqual([])
  })
})

describe('assets that a venue calls otherwise', () => {
  // By ccxt's lists of common codes.
  test.each([
    ['kraken', kraken, 'LUNA-USD', 'LUNA2USD'],
    ['kraken', kraken, 'LUNC-USD', 'LUNAUSD'],
    ['kraken', kraken, 'USTC-USD', 'USTUSD'],
    ['bitfinex', bitfinex, 'LUNA-USD', 'tLUNA2%3AUSD'],
    ['bitfinex', bitfinex, 'LUNC-USD', 'tLUNA%3AUSD'],
    ['bitfinex', bitfinex, 'AMPL-USD', 'tAMPUSD'],
    ['bitfinex', bitfinex, 'BCH-USD', 'tBCHN%3AUSD'],
  ])('%s has names of its own: %#', (_, venue, instrument, symbol) => {
    const [request] = venue.requests([parseInstrument(instrument)])
    expect(request?.path.split('=').at(-1)).toBe(symbol)
  })

  test.each([
    // tUSTUSD is Tether; the fallen stablecoin would be priced at a dollar.
    ['bitfinex', bitfinex, 'UST-USD'],
    ['bitfinex', bitfinex, 'AMP-USD'],
    ['kraken', kraken, 'UST-USD'],
    ['kraken', kraken, 'XBT-USD'],
  ])('%s is not asked for what there is another asset: %#', (_, venue, instrument) => {
    expect(venue.requests([parseInstrument(instrument)])).toEqual([])
  })
})

describe('hyperliquid', () => {
  test('has perpetuals in USDT, and in USDC the two whose oracle prices are', () => {
    const names = ['BTC-USD-PERP', 'BTC-USDC-PERP', 'HYPE-USDT-PERP']
    expect(hyperliquid.requests(names.map(parseInstrument))).toEqual([])
    const asked = ['BTC-USDT-PERP', 'HYPE-USDC-PERP'].map(parseInstrument)
    expect(hyperliquid.requests(asked).map(({ instruments }) => instruments)).toEqual([asked])
  })

  test('matches names and numbers by position', () => {
    const body = assets(
      '{"name":"A"},{"name":"BTC"},{"name":"B"}',
      `${prices('1')},${prices('2')},${prices('3')}`,
    )
    expect(parsed(hyperliquid, ['BTC-USDT-PERP'], body).map(({ bid }) => plain(bid))).toEqual(['2'])
  })

  test('has no price in the list of names', () => {
    const body = assets('{"name":"BTC","impactPxs":["7","8"]}', '{"impactPxs":null}')
    expect(parsed(hyperliquid, ['BTC-USDT-PERP'], body)).toEqual([])
  })

  test('is not believed where there are more names than numbers', () => {
    const body = assets('{"name":"BTC"},{"name":"ETH"}', prices('1'))
    expect(() => parsed(hyperliquid, ['BTC-USDT-PERP'], body)).toThrow(VenueAnswerError)
  })

  test('calls a thousand PEPE kPEPE', () => {
    const body = assets('{"name":"kPEPE"},{"name":"PEPE"}', `${prices('1')},${prices('2')}`)
    expect(parsed(hyperliquid, ['1000PEPE-USDT-PERP'], body).map(({ bid }) => plain(bid))).toEqual([
      '1',
    ])
  })

  test('tells a delisted asset', () => {
    const body = assets('{"name":"MATIC","isDelisted":true}', '{"impactPxs":null,"midPx":null}')
    expect(parsed(hyperliquid, ['MATIC-USDT-PERP'], body)).toMatchObject([{ suspended: true }])
  })
})

function krakenRow(price: string): string {
  return `{"a":["${price}","1"],"b":["${price}","1"],"c":["${price}","1"]}`
}

function futuresAnswer(fields: string): string {
  return `{"result":"success","serverTime":"2026-01-01T00:00:00.000Z","tickers":[{"symbol":"PF_ETHUSD",${fields}}]}`
}

function deribitAnswer(state: string, name = 'BTC-PERPETUAL'): string {
  return `{"jsonrpc":"2.0","result":{"instrument_name":"${name}","state":"${state}","timestamp":${now},"best_bid_price":0.0,"best_ask_price":0,"last_price":7.5}}`
}

function suspendedIn(state: string): readonly boolean[] {
  return parsed(deribit, ['BTC-USD-PERP'], deribitAnswer(state)).map((quote) => quote.suspended)
}

function assets(universe: string, contexts: string): string {
  return `[{"universe":[${universe}]},[${contexts}]]`
}

function prices(bid: string): string {
  return `{"impactPxs":["${bid}","20"],"markPx":"9","midPx":"9"}`
}
