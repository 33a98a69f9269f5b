import { describe, expect, test } from 'vitest'

import { priceRound } from '../../lib/domain/aggregate-round.ts'
import type { AggregationRules } from '../../lib/domain/feed.ts'
import type { SourceResult } from '../../lib/domain/price-round.ts'
import type { Quote } from '../../lib/domain/quote.ts'
import {
  acceptedAt,
  aFeed,
  after,
  aQuote,
  feedOf,
  inShort,
  outcomeOf,
  roundOf,
  start,
  theFeeds,
  usd,
  venues,
  verdictsOf,
} from './quotes.ts'

/** One unit at 18 decimals. */
const unit = '0.000000000000000001'
const above = (price: string) => usd(price).add(unit).toFixed()
const below = (price: string) => usd(price).sub(unit).toFixed()

/** Verdicts where the last of five is the odd one and the others' usual distance is 1. */
const spread = (odd: string) =>
  verdictsOf(roundOf(['99', '100', '101', '100', odd], { rules: { maxDispersionBps: 10_000 } }))

const fives = (odd: string) => ['100', '100', '100', '100', odd]

/** What becomes of a price beside four of 99, which was accepted before. */
const besides99 = (odd: string) =>
  verdictsOf(roundOf(['99', '99', '99', '99', odd], { memory: acceptedAt('99') }))[4]

/** What becomes of the last of five sources when its quote is not like the others'. */
function oddQuote(over: Partial<Quote>): SourceResult | undefined {
  const sources = venues(5)
  const round = priceRound({
    round: 1,
    feeds: theFeeds(aFeed(sources)),
    quotes: sources.map((source, at) => aQuote(source, '100', at === 4 ? over : {})),
    memory: undefined,
    now: start,
  })
  return feedOf(round).sources[4]
}

describe('with four sources and more', () => {
  test('the value is the plain median of all fresh ones, those that disagree included', () => {
    const round = roundOf(['100', '100.02', '99.98', '60', '61'])
    expect(inShort(round)).toBe('99.98')
    expect(verdictsOf(round)).toEqual(['agrees', 'agrees', 'agrees', 'disagrees', 'disagrees'])
    expect(outcomeOf(round)).toMatchObject({ sources: 3 })
  })

  test('one within the floor agrees, one unit further disagrees', () => {
    const four = ['100', '100', '100', '100']
    expect(verdictsOf(roundOf([...four, '100.3']))[4]).toBe('agrees')
    expect(verdictsOf(roundOf([...four, above('100.3')]))[4]).toBe('disagrees')
    expect(verdictsOf(roundOf([...four, '99.7']))[4]).toBe('agrees')
    expect(verdictsOf(roundOf([...four, below('99.7')]))[4]).toBe('disagrees')
  })

  test('one within 5 × 1.4826 median deviations agrees, one unit further disagrees', () => {
    // Distances 1, 0, 1, 0 and the last's: their median is 1, so the band is 7.413.
    expect(spread('107.413')[4]).toBe('agrees')
    expect(spread(above('107.413'))[4]).toBe('disagrees')
    expect(spread('92.587')[4]).toBe('agrees')
    expect(spread(below('92.587'))[4]).toBe('disagrees')
  })
})

describe('with three sources', () => {
  test('one within the hard band agrees, one unit further disagrees', () => {
    expect(verdictsOf(roundOf(['100', '100', '101']))[2]).toBe('agrees')
    expect(verdictsOf(roundOf(['100', '100', above('101')]))[2]).toBe('disagrees')
    expect(verdictsOf(roundOf(['100', '100', below('99')]))[2]).toBe('disagrees')
  })

  test('two that agree are a price only where two are enough', () => {
    const prices = ['100', '100', '150']
    expect(inShort(roundOf(prices, { minSources: 2 }))).toBe('100')
    expect(outcomeOf(roundOf(prices))).toEqual({
      kind: 'refused',
      reason: 'too-few-agree',
      detail: '2 of 3 fresh sources agree, 3 are needed',
    })
  })
})

describe('with two sources', () => {
  const two = { minSources: 2 }

  test('within the pair band their mean is the price, one unit further there is none', () => {
    expect(inShort(roundOf(['100', '100.5'], two))).toBe('100.25')
    expect(inShort(roundOf(['100.5', '100'], two))).toBe('100.25')
    const apart = roundOf([above('100.5'), '100'], two)
    expect(inShort(apart)).toBe('refused pair-apart')
    expect(verdictsOf(apart)).toEqual(['disagrees', 'disagrees'])
    expect(outcomeOf(apart)).toMatchObject({
      detail:
        'the only two sources are at 100 and 100.500000000000000001, and neither can be told wrong',
    })
  })

  test('there is none where three are needed', () => {
    expect(outcomeOf(roundOf(['100', '100', undefined]))).toEqual({
      kind: 'refused',
      reason: 'too-few-sources',
      detail: '2 of 3 sources are fresh, 3 are needed: 1 missing',
    })
  })
})

test.each([1, 2])('one source is never a price, even where %i are enough', (minSources) => {
  expect(inShort(roundOf(['100'], { minSources }))).toBe('refused too-few-sources')
  expect(outcomeOf(roundOf(['100', undefined], { minSources }))).toMatchObject({
    detail: '1 of 2 sources is fresh, 2 are needed: 1 missing',
  })
})

test('no source is no price', () => {
  expect(outcomeOf(roundOf([undefined, undefined, '0']))).toEqual({
    kind: 'refused',
    reason: 'no-sources',
    detail: 'none of 3 sources is fresh: 1 invalid, 2 missing',
  })
})

describe('agreement', () => {
  test('of as many as are needed is enough, one fewer is not', () => {
    const prices = ['100', '100', '100', '100', '160', '60', '161']
    expect(inShort(roundOf(prices, { minSources: 4 }))).toBe('100')
    expect(inShort(roundOf(prices, { minSources: 5 }))).toBe('refused too-few-agree')
  })

  test('of half the fresh sources and fewer is not enough', () => {
    expect(outcomeOf(roundOf(['98', '100', '102'], { minSources: 1 }))).toEqual({
      kind: 'refused',
      reason: 'too-few-agree',
      detail: '1 of 3 sources agree, more than half must',
    })
  })
})

describe('families and currencies', () => {
  const sources = ['a:BTC-USD', 'b:BTC-USD', 'c:BTC-USDC', 'd:BTC-USD']
  const look = (rules: Partial<AggregationRules>, prices: readonly string[]) =>
    priceRound({
      round: 1,
      feeds: theFeeds(aFeed(sources, { rules, minSources: 2 }), { families: { one: ['a', 'b'] } }),
      quotes: sources.map((source, index) => aQuote(source, prices[index] ?? '100')),
      memory: undefined,
      now: start,
    })

  test('venues of one family count once', () => {
    expect(inShort(look({ minFamilies: 2 }, []))).toBe('100')
    expect(outcomeOf(look({ minFamilies: 3 }, []))).toEqual({
      kind: 'refused',
      reason: 'too-few-families',
      detail: 'the 3 that agree are of 2 families, 3 are needed',
    })
  })

  test('only those that agree count for their family', () => {
    expect(inShort(look({ minFamilies: 2 }, ['100', '100', '100', '150']))).toBe(
      'refused too-few-families',
    )
  })

  test('as many as said must be quoted in USD itself', () => {
    expect(inShort(look({ minDirectUsd: 3 }, []))).toBe('100')
    expect(outcomeOf(look({ minDirectUsd: 4 }, []))).toEqual({
      kind: 'refused',
      reason: 'too-few-direct',
      detail: '3 of the 3 that agree are quoted in USD itself, 4 are needed',
    })
  })
})

describe('the sanity net', () => {
  test.each(['300', usd(100).div(3).toDecimalPlaces(18, 2).toFixed()])(
    '%s is a third or three times the last price and counts',
    (odd) => {
      const round = roundOf(fives(odd), { memory: acceptedAt('100') })
      expect(verdictsOf(round)[4]).toBe('disagrees')
    },
  )

  test.each([above('300'), usd(100).div(3).toDecimalPlaces(18, 1).toFixed()])(
    '%s is further and is dropped before the median',
    (odd) => {
      const round = roundOf(fives(odd), { memory: acceptedAt('100') })
      expect(verdictsOf(round)[4]).toBe('insane')
      expect(outcomeOf(round)).toMatchObject({ kind: 'price', sources: 4 })
    },
  )

  test('has both its edges inside', () => {
    expect(besides99('33')).toBe('disagrees')
    expect(besides99(below('33'))).toBe('insane')
    expect(besides99('297')).toBe('disagrees')
    expect(besides99(above('297'))).toBe('insane')
  })

  test('knows no scale once the last price is five minutes old, or where there is none', () => {
    const verdict = (agoMs: number) =>
      verdictsOf(roundOf(fives('1000'), { memory: acceptedAt('100', agoMs) }))[4]
    expect(verdict(299_999)).toBe('insane')
    expect(verdict(300_000)).toBe('disagrees')
    expect(verdictsOf(roundOf(fives('1000')))[4]).toBe('disagrees')
  })

  test('says how far off the scale it is', () => {
    const round = roundOf(fives('100000'), { memory: acceptedAt('100') })
    expect(feedOf(round).sources[4]?.detail).toBe('it is 1000 times the last accepted 100')
  })

  test('a minority on the old scale decides nothing while most are on another', () => {
    const memory = acceptedAt('100')
    const half = roundOf(['20', '20', '20', '100', '100', '100'], { memory })
    expect(inShort(half)).toBe('refused too-few-agree')
    const round = roundOf(['20', '20.1', '19.9', '20', '100', '100', '100'], { memory })
    expect(outcomeOf(round)).toMatchObject({
      reason: 'too-few-agree',
      detail: '3 of 7 sources agree, more than half must: 4 insane',
    })
  })
})

describe('each source gets a verdict', () => {
  test.each<[Partial<Quote>, string, string]>([
    [{}, 'agrees', ''],
    [{ bid: undefined, ask: undefined, last: usd(104) }, 'disagrees', '4 % from the median'],
    [{ instrument: 'ETH-USD' }, 'missing', ''],
    [
      { bid: undefined, ask: undefined, last: undefined },
      'invalid',
      'it has no trade and no whole book',
    ],
    [{ suspended: true }, 'suspended', ''],
    [{ venueTime: after(-11_000) }, 'stale', 'its quote is 11 s old, 10 s count'],
    [{ venueTime: after(6_000) }, 'future', 'its time is 6 s ahead'],
    [{ bid: usd('1e-19'), ask: usd('1e-19'), last: undefined }, 'invalid', 'it is no price in USD'],
  ])('%o', (over, verdict, detail) => {
    expect(oddQuote(over)).toMatchObject({ verdict, detail })
  })

  test('in the order of the feed, with its price and the time it was judged by', () => {
    const round = roundOf(['100', undefined, '102', '100'])
    const fresh = { instrument: 'BTC-USD', at: start, verdict: 'agrees', detail: '' }
    expect(feedOf(round).sources).toEqual([
      { ...fresh, venue: 'v1', price: usd(100) },
      { ...fresh, venue: 'v2', price: undefined, at: undefined, verdict: 'missing' },
      {
        ...fresh,
        venue: 'v3',
        price: usd(102),
        verdict: 'disagrees',
        detail: '2 % from the median',
      },
      { ...fresh, venue: 'v4', price: usd(100) },
    ])
  })
})

test('a quote of a source that no feed has changes nothing', () => {
  const feeds = theFeeds(aFeed(venues(3)))
  const quotes = venues(3).map((source) => aQuote(source, '100'))
  const look = { round: 1, feeds, memory: undefined, now: start }
  expect(priceRound({ ...look, quotes: [...quotes, aQuote('x:BTC-USD', '1')] })).toEqual(
    priceRound({ ...look, quotes }),
  )
})

test('of two quotes of one source the one that arrived last counts', () => {
  const feeds = theFeeds(aFeed(venues(3)))
  const quotes = [
    ...venues(3).map((source) => aQuote(source, '100')),
    aQuote('v1:BTC-USD', '1', { receivedAt: after(-1) }),
  ]
  const look = { round: 1, feeds, memory: undefined, now: start }
  expect(inShort(priceRound({ ...look, quotes }))).toBe('100')
  expect(inShort(priceRound({ ...look, quotes: quotes.toReversed() }))).toBe('100')
})

test('a price says how sure it is and how old its oldest agreeing input', () => {
  const sources = venues(5)
  const ages = [1_000, 9_000, 3_000, 2_000, 10_000]
  const prices = ['100', '100.1', '99.9', '100.2', '150']
  const round = priceRound({
    round: 1,
    feeds: theFeeds(aFeed(sources)),
    quotes: sources.map((source, at) =>
      aQuote(source, prices[at] ?? '', { venueTime: after(-(ages[at] ?? 0)) }),
    ),
    memory: undefined,
    now: start,
  })
  // Sorted 99.9 100 100.1 100.2 150: quartiles 100 and 100.2. The fifth is older, but disagrees.
  expect(outcomeOf(round)).toEqual({
    kind: 'price',
    price: usd('100.1'),
    confidence: usd('0.1'),
    oldestInputAt: after(-9_000),
    sources: 4,
  })
})
