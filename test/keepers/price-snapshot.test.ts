import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { priceRound } from '../../lib/domain/aggregate-round.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import type { FeedOutcome, PriceRound, SourceResult } from '../../lib/domain/price-round.ts'
import {
  PriceSnapshotError,
  readPriceSnapshot,
  writePriceSnapshot,
} from '../../lib/keepers/price-snapshot.ts'
import {
  aFeed,
  after,
  aLeg,
  aQuote,
  feedOf,
  roundOf,
  start,
  theFeeds,
  usd,
} from '../domain/quotes.ts'

const markets = ['a:BTC-USD', 'b:BTC-USD', 'c:BTC-USDT', 'd:BTC-USDT', 'e:BTC-USD']
const pegs = ['l1:USDT-USD', 'l2:USDT-USD', 'l3:USDT-USD']
const feeds = theFeeds(aFeed(markets), { legs: { USDT: aLeg() } })

/** A few units of the eighteenth decimal around a price, or far from it. */
const near = (price: string) =>
  fc.oneof(
    fc.integer({ min: -3, max: 3 }).map((units) => usd(price).add(`${units}e-18`)),
    fc.integer({ min: 1, max: 400 }).map((percent) => usd(price).mul(percent).div(100)),
  )

const quotesAt = (ms: number) => {
  const one = (source: string, price: string) =>
    fc
      .record({
        price: near(price),
        age: fc.integer({ min: -6_000, max: 12_000 }),
        fate: fc.nat(5),
      })
      .map(({ price: value, age, fate }) =>
        fate === 0 ? [] : [aQuote(source, value.toFixed(), { venueTime: after(ms - age) })],
      )
  const all = [
    ...markets.map((source) => one(source, '20000')),
    ...pegs.map((source) => one(source, '1')),
  ]
  return fc.tuple(...all).map((each) => each.flat())
}

/** Up to four rounds, 45 seconds apart: long enough to freeze, to hold and to forget. */
const played = fc.tuple(...[1, 2, 3, 4].map((step) => quotesAt(step * 45_000))).map((quotes) =>
  quotes.reduce<readonly PriceRound[]>((before, each, index) => {
    const now = after((index + 1) * 45_000)
    const memory = before.at(-1)?.memory
    return [...before, priceRound({ round: index, feeds, quotes: each, memory, now })]
  }, []),
)

describe('a price snapshot', () => {
  test('gives back the very same round', () => {
    fc.assert(
      fc.property(played, (rounds) => {
        for (const round of rounds) {
          const text = writePriceSnapshot(round)
          const read = readPriceSnapshot(text)
          expect(read).toEqual(round)
          expect(writePriceSnapshot(read)).toBe(text)
        }
      }),
    )
  })

  test('makes the next round what it would have been', () => {
    fc.assert(
      fc.property(played, quotesAt(225_000), (rounds, quotes) => {
        const memory = rounds.at(-1)?.memory
        const look = { round: 9, feeds, quotes, now: after(225_000) }
        const read = rounds.map((round) => readPriceSnapshot(writePriceSnapshot(round))).at(-1)
        expect(priceRound({ ...look, memory: read?.memory })).toEqual(
          priceRound({ ...look, memory }),
        )
      }),
    )
  })

  const refusals: readonly Extract<FeedOutcome, { kind: 'refused' }>['reason'][] = [
    'no-sources',
    'too-few-sources',
    'too-few-agree',
    'pair-apart',
    'too-few-families',
    'too-few-direct',
    'depegged',
  ]
  const outcomes: readonly FeedOutcome[] = [
    {
      kind: 'price',
      price: usd('1e-18'),
      confidence: usd(0),
      oldestInputAt: start,
      sources: 3,
    },
    { kind: 'hold', reason: 'jump', detail: '"', median: usd('999999999999999999'), rounds: 2 },
    { kind: 'hold', reason: 'dispersion', detail: '', median: usd('0.1'), rounds: 1 },
    ...refusals.map((reason) => ({ kind: 'refused', reason, detail: 'so' }) as const),
  ]

  test.each(outcomes)('keeps an outcome: %o', (outcome) => {
    const round = withFeed({ outcome })
    expect(readPriceSnapshot(writePriceSnapshot(round))).toEqual(round)
  })

  const verdicts: readonly SourceResult['verdict'][] = [
    'agrees',
    'disagrees',
    'missing',
    'invalid',
    'suspended',
    'stale',
    'frozen',
    'future',
    'no-conversion',
    'insane',
  ]

  test.each(verdicts)('keeps a source that is %s', (verdict) => {
    const sources = feedOf(roundOf(['100', '100', '100'])).sources
    const round = withFeed({ sources: sources.map((source) => ({ ...source, verdict })) })
    expect(readPriceSnapshot(writePriceSnapshot(round))).toEqual(round)
  })

  test('writes prices in plain digits, also the smallest', () => {
    const text = writePriceSnapshot(roundOf(['1e-18', '1e-18', '1e-18']))
    expect(text).toContain('"0.000000000000000001"')
    expect(text).not.toMatch(/\de[+-]?\d/)
  })

  test('reads prices as Decimal', () => {
    const read = readPriceSnapshot(writePriceSnapshot(roundOf(['100', '100', '100'])))
    expect(feedOf(read).sources[0]?.price).toBeInstanceOf(Decimal)
  })
})

describe('a text that is no snapshot of this shape is a clear error', () => {
  const good = JSON.parse(writePriceSnapshot(roundOf(['100', '100', '100']))) as {
    readonly feeds: readonly [Record<string, unknown>]
  }
  const [feed] = good.feeds
  const withRow = (over: Record<string, unknown>) => ({ ...good, feeds: [{ ...feed, ...over }] })

  test.each<[string, unknown]>([
    ['another shape', { ...good, shape: 0 }],
    ['no shape', { ...good, shape: undefined }],
    ['a field more', { ...good, more: 1 }],
    ['no feeds', { ...good, feeds: undefined }],
    ['a time that is none', { ...good, at: -1 }],
    ['a feed that is no market', withRow({ feed: 'bitcoin' })],
    ['a verdict that nobody knows', withRow({ sources: [['a', 'b', null, null, 'odd', '']] })],
    ['a price as a number', withRow({ accepted: { price: 1, at: 1 } })],
    ['a price with an exponent', withRow({ accepted: { price: '1e5', at: 1 } })],
    ['a source without an end', withRow({ sources: [['a', 'b']] })],
    ['a list', []],
    ['nothing', null],
  ])('%s', (_name, value) => {
    expect(() => readPriceSnapshot(JSON.stringify(value))).toThrow(PriceSnapshotError)
  })

  test.each(['', '{', 'a person wrote this'])('"%s"', (broken) => {
    expect(() => readPriceSnapshot(broken)).toThrow(PriceSnapshotError)
  })
})

/** One round of three sources with something of its only feed put in by hand. */
function withFeed(over: Partial<PriceRound['feeds'][number]>): PriceRound {
  const round = roundOf(['100', '100', '100'])
  return { ...round, feeds: round.feeds.map((feed) => ({ ...feed, ...over })) }
}
