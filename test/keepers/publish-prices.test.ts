import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import type { Quote } from '../../lib/domain/quote.ts'
import { exactJson } from '../../lib/keepers/exact-json.ts'
import { readPriceSnapshot } from '../../lib/keepers/price-snapshot.ts'
import { decidePublish, publishPrices, type PublishView } from '../../lib/keepers/publish-prices.ts'
import type { VenueRests } from '../../lib/ports.ts'
import { aFeed, after, aLeg, aQuote, start, theFeeds } from '../domain/quotes.ts'
import { movedClock } from './lane/lane-in-memory.ts'
import { decidedTwice, replays } from './replay/replays.ts'

const sources = ['a:BTC-USD', 'b:BTC-USD', 'c:BTC-USD']
const pegs = ['l1:USDT-USD', 'l2:USDT-USD', 'l3:USDT-USD']
const feeds = theFeeds(aFeed(sources), { legs: { USDT: aLeg() } })
const quotes = [
  ...sources.map((source, at) => aQuote(source, String(100 + at))),
  ...pegs.map((source) => aQuote(source, '1')),
]

function aView(change: Partial<PublishView> = {}): PublishView {
  return {
    node: 'oracle-1',
    round: 7,
    now: start,
    feeds,
    configHashes: { 'BTC-USD': '0x5f' },
    quotes,
    failures: [],
    memory: undefined,
    ...change,
  }
}

function published(view: PublishView) {
  const [action] = decidedTwice(view, decidePublish).actions
  if (action?.kind !== 'publish-reports') throw new TypeError('nothing is published')
  return action
}

describe('what a node publishes', () => {
  test('a report of each market that has a price, and none of a conversion', () => {
    const { node, round, reports } = published(aView())
    expect([node, round]).toEqual(['oracle-1', 7])
    expect(reports.map(({ feed, price }) => [feed, price.toFixed()])).toEqual([['BTC-USD', '101']])
    expect(reports[0]).toMatchObject({ round: 7, sources: 3, configHash: '0x5f' })
  })

  test('the time of a report is whole seconds, never later than what was seen', () => {
    const late = after(999)
    const { reports } = published(aView({ now: late }))
    expect(reports[0]?.observedAt).toBe(start)
  })

  test('a market of which nobody said how its price is made is not signed', () => {
    expect(published(aView({ configHashes: {} })).reports).toEqual([])
  })

  test('the whole round is kept for the next one, also what was refused', () => {
    const { snapshot, reports } = published(aView({ quotes: quotes.slice(3) }))
    expect(reports).toEqual([])
    const round = readPriceSnapshot(snapshot)
    expect(round.feeds.map(({ feed, outcome }) => [feed, outcome.kind])).toEqual([
      ['BTC-USD', 'refused'],
      ['USDT-USD', 'price'],
    ])
  })

  test('how good each price is goes with it, of conversions and of what has none as well', () => {
    const { qualities } = published(aView({ now: after(2_000), quotes: quotes.slice(2) }))
    const missing = { dispersionBps: undefined, confidenceBps: undefined, inputAgeMs: undefined }
    expect(qualities).toMatchObject([
      { feed: 'BTC-USD', agreeing: 1, sources: 3, ...missing },
      { feed: 'USDT-USD', agreeing: 3, sources: 3, inputAgeMs: 2_000 },
    ])
    expect(qualities[1]?.dispersionBps?.toNumber()).toBe(0)
  })

  test('a round without any report says why', () => {
    const { outcome } = decidePublish(aView({ quotes: [] }))
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'no-sources' })
    expect(outcome.detail).toContain('BTC-USD: ')
  })

  test('a round with some says what is missing', () => {
    const { outcome } = decidePublish(aView({ quotes: quotes.slice(0, 3) }))
    expect(outcome).toMatchObject({ kind: 'done', reason: 'published' })
    expect(outcome.detail).toContain('USDT-USD: ')
  })

  test('the same view decides the same, to the byte', () => {
    expect(published(aView()).snapshot).toBe(published(aView()).snapshot)
  })
})

test('which venues asked to be left alone is known to the next round, wherever that runs', async () => {
  const { keeper, store, heard, slot } = aWorld()
  const view = await keeper.observe(slot)
  expect(heard).toEqual([undefined])
  await store.prices.write('oracle-1', 8, published(view).snapshot)
  await keeper.observe({ ...slot, slot: 9 })
  expect(heard).toEqual([undefined, { a: after(30_000) }])
})

function aWorld() {
  const clock = movedClock()
  const store = memoryStore({ clock })
  const asked: string[] = []
  const heard: (VenueRests | undefined)[] = []
  const keeper = replays(
    publishPrices({
      clock,
      store,
      feeds,
      configHashes: {},
      quotes: {
        async latest(wanted, rests) {
          asked.push(...wanted.map(({ venue }) => venue))
          heard.push(rests)
          return { quotes, failures: [], rests: { a: after(30_000) } }
        },
      },
    }),
  )
  const now = clock.now()
  return {
    keeper,
    store,
    asked,
    heard,
    slot: { subject: 'oracle-1', slot: 8, slotAt: now, until: now },
  }
}

/** A quote as history has it, whose prices are text. */
function withDecimals(quote: Quote): Quote {
  const { bid, ask, last } = quote
  return {
    ...quote,
    bid: bid && new Decimal(bid),
    ask: ask && new Decimal(ask),
    last: last && new Decimal(last),
  }
}

describe('what a node looks at', () => {
  test('every source once, conversions too', async () => {
    const { keeper, asked, slot } = aWorld()
    await keeper.observe(slot)
    expect(asked.toSorted()).toEqual(['a', 'b', 'c', 'l1', 'l2', 'l3'])
  })

  test('its round is its slot', async () => {
    const { keeper, slot } = aWorld()
    expect(await keeper.observe(slot)).toMatchObject({ node: 'oracle-1', round: 8 })
  })

  test('what its last round left is its memory', async () => {
    const { keeper, store, slot } = aWorld()
    const { snapshot } = published(aView())
    await store.prices.write('oracle-1', 7, snapshot)
    const view = await keeper.observe(slot)
    expect(view.memory).toEqual(readPriceSnapshot(snapshot).memory)
    expect(view.memory?.accepted['BTC-USD']?.price).toBe('101')
  })

  test.for(['{"shape":0}', 'no JSON', ''])(
    'a snapshot of another version (%s) is no memory, and no error',
    async (snapshot) => {
      const { keeper, store, slot } = aWorld()
      await store.prices.write('oracle-1', 7, snapshot)
      expect((await keeper.observe(slot)).memory).toBeUndefined()
    },
  )

  test('from its row in history a round is decided again, with every reason why not', () => {
    const { keeper } = aWorld()
    const seen = aView({ quotes: quotes.slice(2) })
    const decided = exactJson(keeper.decide(seen).recorded)
    const row = JSON.parse(exactJson(keeper.recorded(seen))) as PublishView
    const again = { ...row, feeds, quotes: row.quotes.map(withDecimals) }
    expect(exactJson(keeper.decide(again).recorded)).toBe(decided)
    expect(JSON.parse(decided)).toMatchObject({
      feeds: [
        {
          feed: 'BTC-USD',
          outcome: { kind: 'refused', reason: 'too-few-sources' },
          sources: [{ verdict: 'missing' }, { verdict: 'missing' }, { verdict: 'agrees' }],
        },
        { feed: 'USDT-USD', outcome: { kind: 'price', price: '1' } },
      ],
    })
  })

  test('history keeps the quotes, not the feeds of the file', async () => {
    const { keeper, slot } = aWorld()
    const kept = keeper.recorded(await keeper.observe(slot)) as object
    expect(Object.keys(kept)).toContain('quotes')
    expect(Object.keys(kept)).not.toContain('feeds')
  })
})
