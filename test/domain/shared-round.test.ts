import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { priceRound } from '../../lib/domain/aggregate-round.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import type { AggregationRules, Feeds } from '../../lib/domain/feed.ts'
import { sharedOnce } from '../../lib/domain/once.ts'
import type { PriceMemory } from '../../lib/domain/price-round.ts'
import type { Quote } from '../../lib/domain/quote.ts'
import { aFeed, after, aLeg, aQuote, rules, start, theFeeds } from './quotes.ts'

const sources = ['a:BTC-USD', 'b:BTC-USD', 'c:BTC-USD', 'd:BTC-USDT', 'e:BTC-USDT', 'f:BTC-USDT']
const pegs = ['l1:USDT-USD', 'l2:USDT-USD', 'l3:USDT-USD']

/** Each number as it is, or one that decides otherwise of many a quote. */
const otherRules = fc.record<AggregationRules>(
  Object.fromEntries(
    Object.entries(rules).map(([name, value]) => [
      name,
      fc.oneof({ weight: 30, arbitrary: fc.constant(value) }, fc.constantFrom(0, 1, 3, 1_000_000)),
    ]),
  ) as never,
)

const someFeeds = fc
  .record({
    sources: fc.oneof(
      { weight: 3, arbitrary: fc.constant(sources) },
      fc.subarray(sources, { minLength: 1 }),
    ),
    pegs: fc.oneof(
      { weight: 3, arbitrary: fc.constant(pegs) },
      fc.subarray(pegs, { minLength: 2 }),
    ),
    rules: otherRules,
    legRules: otherRules,
    minSources: fc.integer({ min: 1, max: 5 }),
    haltBelow: fc.constantFrom('0.5', '0.99', '1.02'),
    families: fc.constantFrom({}, { ab: ['a', 'b'] }, { all: ['a', 'b', 'c', 'd', 'e'] }),
    isListed: fc.integer({ min: 0, max: 5 }),
  })
  .map((of): Feeds => {
    const leg = { ...aLeg(), haltBelow: new Decimal(of.haltBelow), rules: of.legRules }
    const kept = leg.sources.filter((_, at) => of.pegs.includes(pegs[at] ?? ''))
    const { minSources } = of
    return theFeeds(aFeed(of.sources, { minSources, rules: of.rules }), {
      markets: [
        aFeed(of.sources, { minSources, rules: of.rules }),
        // A symbol may be a market and a leg at once.
        aFeed(pegs, { feed: 'USDT-USD', minSources: 2, rules: of.legRules }),
      ],
      legs: of.isListed === 0 ? {} : { USDT: { ...leg, sources: kept } },
      families: of.families,
    })
  })

const quote = (source: string, least: number, most: number) =>
  fc
    .record({
      cents: fc.integer({ min: least, max: most }),
      age: fc.integer({ min: -6_000, max: 12_000 }),
      fate: fc.nat(9),
    })
    .map(({ cents, age, fate }): readonly Quote[] => {
      if (fate === 0) return []
      const price = new Decimal(cents).div(100).toFixed()
      return [aQuote(source, price, { venueTime: after(-age), suspended: fate === 1 })]
    })

const quotes = fc
  .tuple(
    ...sources.map((source) => quote(source, 9_700, 10_300)),
    ...pegs.map((source) => quote(source, 97, 102)),
  )
  .map((all) => all.flat())

describe('a round that is priced by several rules', () => {
  test('is by each as it is alone, whatever they have in common', () => {
    let alike = 0
    const rounds = fc.record({
      sets: fc.array(someFeeds, { minLength: 2, maxLength: 3 }),
      quotes: fc.array(quotes, { minLength: 1, maxLength: 3 }),
    })
    fc.assert(
      fc.property(rounds, (given) => {
        let memory: PriceMemory | undefined
        for (const [round, each] of given.quotes.entries()) {
          const now = after(round * 7_000)
          const once = sharedOnce()
          const shared = given.sets.map((feeds) =>
            priceRound({ round, feeds, quotes: each, memory, now, once }),
          )
          const alone = given.sets.map((feeds) =>
            priceRound({ round, feeds, quotes: each, memory, now }),
          )
          expect(shared).toEqual(alone)
          alike += shared.filter((one, at) =>
            one.feeds.some((feed) =>
              shared.slice(0, at).some((before) => before.feeds.includes(feed)),
            ),
          ).length
          memory = alone[0]?.memory
        }
      }),
      { numRuns: 1_500 },
    )
    // What is alike was made once: the law says something of that, too.
    expect(alike).toBeGreaterThan(200)
  })

  test('shares whatever no differing rule has touched', () => {
    const feeds = theFeeds(aFeed(sources), { legs: { USDT: aLeg() } })
    const all = [
      ...sources.map((one) => aQuote(one, '100')),
      ...pegs.map((one) => aQuote(one, '1')),
    ]
    const once = sharedOnce()
    const look = { round: 1, quotes: all, memory: undefined, now: start, once }
    const [own] = priceRound({ ...look, feeds }).feeds
    const changed = (over: Partial<AggregationRules>) => {
      const market = aFeed(sources, { rules: { ...rules, ...over } })
      const [other] = priceRound({ ...look, feeds: { ...feeds, markets: [market] } }).feeds
      return { isSame: other === own, hasItsSources: other?.sources === own?.sources }
    }
    expect(changed({})).toEqual({ isSame: true, hasItsSources: true })
    // Another rule that comes to the same.
    expect(changed({ maxQuoteAgeMs: 9_000 })).toEqual({ isSame: true, hasItsSources: true })
    expect(changed({ minFamilies: 2 })).toEqual({ isSame: true, hasItsSources: true })
    expect(changed({ minFamilies: 20 })).toEqual({ isSame: false, hasItsSources: true })
    expect(changed({ floorBps: 1 })).toEqual({ isSame: false, hasItsSources: false })
  })
})
