import type { ServerResponse } from 'node:http'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { orderBooks } from '../../../../lib/adapters/venues/books/order-books.ts'
import type { Book, Level } from '../../../../lib/domain/funding/premium.ts'
import { parseMarket } from '../../../../lib/domain/market.ts'
import { timestamp } from '../../../../lib/domain/time.ts'
import type { Clock } from '../../../../lib/ports.ts'
import { hostileServer, someFlood } from '../hostile-server.ts'
import { listening } from './listening.ts'

const now = timestamp(1_767_225_600_000)
const clock: Clock = { now: () => now, sleep: async () => {} }
const btc = parseMarket('BTC-USD')

type Sides = { readonly bids: string; readonly asks: string }

/** Each API's answer as its documents show it, with these levels; and what it is asked for. */
const apis = [
  {
    kind: 'extended',
    asked: 'GET /info/markets/BTC-USD/orderbook ',
    level: (price: string, size: string) => `{"qty":${size},"price":${price}}`,
    body: ({ bids, asks }: Sides) =>
      `{"status":"OK","data":{"market":"BTC-USD","bid":[${bids}],"ask":[${asks}]}}`,
    other: (body: string) => body.replace('BTC-USD', 'ETH-USD'),
  },
  {
    kind: 'paradex',
    asked: 'GET /orderbook/BTC-USD-PERP?depth=100 ',
    level: (price: string, size: string) => `[${price},${size}]`,
    body: ({ bids, asks }: Sides, at: number = now) =>
      `{"market":"BTC-USD-PERP","seq_no":7,"last_updated_at":${at},"bids":[${bids}],"asks":[${asks}]}`,
    other: (body: string) => body.replace('BTC-USD', 'ETH-USD'),
  },
  {
    kind: 'hyperliquid',
    asked: 'POST /info {"type":"l2Book","coin":"BTC"}',
    level: (price: string, size: string) => `{"px":${price},"sz":${size},"n":3}`,
    body: ({ bids, asks }: Sides, at: number = now) =>
      `{"coin":"BTC","time":${at},"levels":[[${bids}],[${asks}]]}`,
    other: (body: string) => body.replace('BTC', 'ETH'),
  },
  {
    kind: 'dydx-v4',
    asked: 'GET /orderbooks/perpetualMarket/BTC-USD ',
    level: (price: string, size: string) => `{"price":${price},"size":${size}}`,
    body: ({ bids, asks }: Sides) => `{"bids":[${bids}],"asks":[${asks}]}`,
    other: undefined,
  },
] as const

type Api = (typeof apis)[number]

function good({ level, body }: Api): string {
  return body({
    bids: [level('"64000.5"', '"1.25"'), level('"63999"', '"0.000001"')].join(','),
    asks: [level('"64001"', '"2"'), level('"64001.25"', '"3"')].join(','),
  })
}

async function read(kind: string, baseUrl: string, change: { readonly deadlineMs?: number } = {}) {
  const books = orderBooks({
    engines: { dex: { kind, baseUrl, symbols: { [btc]: undefined } } },
    clock,
    deadlineMs: 2_000,
    maxBytes: 100_000,
    userAgent: 'starkeep/0.1',
    ...change,
  })
  return await books.read('dex')
}

async function answered(api: Api, body: string): Promise<Awaited<ReturnType<typeof read>>> {
  const server = await hostileServer((_name, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(body)
  })
  try {
    return await read(api.kind, server.url)
  } finally {
    await server.close()
  }
}

function text({ bids, asks }: Book) {
  return { bids: bids.map(levelText), asks: asks.map(levelText) }
}

function levelText({ price, size }: Level): string {
  return `${size.toFixed()} at ${price.toFixed()}`
}

const whole = {
  bids: ['1.25 at 64000.5', '0.000001 at 63999'],
  asks: ['2 at 64001', '3 at 64001.25'],
}

describe.each(apis.map((api) => [api.kind, api] as const))('the book at %s', (_kind, api) => {
  const { kind, level, body } = api
  const [bid, ask] = [level('"64000"', '"1"'), level('"64001"', '"1"')]

  test('is asked for as its documents say, and read to the last digit', async () => {
    const { url, asked } = await listening(good(api))
    const { books, failures } = await read(kind, url)
    expect(asked()).toEqual([api.asked])
    expect(failures).toEqual([])
    expect(books[btc] && text(books[btc])).toEqual(whole)
  })

  test('may be empty on a side', async () => {
    const { books } = await answered(api, body({ bids: '', asks: ask }))
    expect(books[btc] && text(books[btc])).toEqual({ bids: [], asks: ['1 at 64001'] })
  })

  test.each([
    ['nothing', ''],
    ['null', 'null'],
    ['an error', '{"error":"NOT_FOUND"}'],
    ['a list', '[[],[]]'],
    ['a web page', '<html><title>Just a moment...</title></html>'],
    ['a cut off body', good(api).slice(0, -5)],
    ['an endless list', '['.repeat(90_000)],
    ['bids above asks', body({ bids: ask, asks: bid })],
    ['bids that rise', body({ bids: [level('"1"', '"1"'), bid].join(','), asks: ask })],
    ['asks that fall', body({ bids: bid, asks: [ask, level('"64000.5"', '"1"')].join(',') })],
    ['one price twice', body({ bids: [bid, bid].join(','), asks: ask })],
    ['no price', body({ bids: level('"0"', '"1"'), asks: ask })],
    ['a negative price', body({ bids: level('"-64000"', '"1"'), asks: ask })],
    ['a price that is a word', body({ bids: level('"NaN"', '"1"'), asks: ask })],
    ['a size of nothing', body({ bids: level('"64000"', '"0"'), asks: ask })],
    ['a size without end', body({ bids: level('"64000"', '"Infinity"'), asks: ask })],
    ['a size that is missing', body({ bids: level('"64000"', 'null'), asks: ask })],
  ])('is none where the answer is %s, and that is said', async (_what, answer) => {
    const { books, failures } = await answered(api, answer)
    expect(books).toEqual({})
    expect(failures).toEqual([expect.stringMatching(`^book of BTC-USD at ${kind}: .+`)])
    expect((failures[0] ?? '').length).toBeLessThan(400)
  })

  test('is none where anything at all stands for a number', async () => {
    const token = fc.jsonValue({ maxDepth: 1 }).map((value) => JSON.stringify(value))
    const gateway = await listening('')
    await fc.assert(
      fc.asyncProperty(token, token, async (price, size) => {
        gateway.say(body({ bids: level(price, size), asks: '' }))
        const { books, failures } = await read(kind, gateway.url)
        const [found] = books[btc]?.bids ?? []
        expect(failures).toHaveLength(found ? 0 : 1)
        const isGood = found?.price.gt(0) && found.size.gt(0) && found.size.isFinite()
        expect(isGood ?? true).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  test('is none where it does not come in time, is refused, or is too much', async () => {
    const answers: readonly ((response: ServerResponse) => void)[] = [
      (response) => void response.writeHead(500).end(good(api)),
      (response) => void response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end(),
      (response) => response.destroy(),
      () => undefined,
      (response) => someFlood({ below: () => 0 } as never).send(response, good(api)),
    ]
    for (const answer of answers) {
      const server = await hostileServer((_name, response) => answer(response))
      const { books, failures } = await read(kind, server.url, { deadlineMs: 300 })
      await server.close()
      expect(books).toEqual({})
      expect(failures).toHaveLength(1)
    }
  })
})

test.each(apis.filter(({ other }) => other).map((api) => [api.kind, api] as const))(
  'the book of another market at %s is none',
  async (_kind, api) => {
    const { books, failures } = await answered(api, api.other?.(good(api)) ?? '')
    expect(books).toEqual({})
    expect(failures[0]).toContain('asked for BTC')
  },
)

test.each(apis.filter(({ kind }) => kind === 'paradex' || kind === 'hyperliquid'))(
  'the book at $kind of another time is none',
  async (api) => {
    const level = api.level('"1"', '"1"')
    for (const [time, isBook] of [
      [now - 60_000, true],
      [now - 60_001, false],
      [now + 60_001, false],
    ] as const) {
      const { books } = await answered(api, api.body({ bids: level, asks: '' }, time))
      expect(btc in books).toBe(isBook)
    }
  },
)

test('an exchange without a book is not asked', async () => {
  const options = { clock, deadlineMs: 100, maxBytes: 1_000, userAgent: 'starkeep/0.1' }
  expect(await orderBooks({ ...options, engines: {} }).read('dex')).toEqual({
    books: {},
    failures: [],
  })
})

test('a name of its own replaces the usual one', async () => {
  const { url, asked } = await listening('{"bids":[],"asks":[]}')
  const engines = { dex: { kind: 'dydx-v4', baseUrl: url, symbols: { [btc]: 'A/B?c' } } }
  const options = { clock, deadlineMs: 2_000, maxBytes: 1_000, userAgent: 'starkeep/0.1' }
  const { books } = await orderBooks({ ...options, engines }).read('dex')
  expect(asked()).toEqual(['GET /orderbooks/perpetualMarket/A%2FB%3Fc '])
  expect(books[btc] && text(books[btc])).toEqual({ bids: [], asks: [] })
})
