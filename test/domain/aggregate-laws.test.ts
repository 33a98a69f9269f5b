import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { priceRound } from '../../lib/domain/aggregate-round.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import type { FeedResult, PriceRound } from '../../lib/domain/price-round.ts'
import type { Quote } from '../../lib/domain/quote.ts'
import { aFeed, after, aLeg, aQuote, feedOf, roundOf, start, theFeeds, usd } from './quotes.ts'

/** Bands so wide that the gates rarely stand between a law and its price. */
const open = {
  hardBandBps: 10_000_000,
  pairBandBps: 10_000_000,
  maxDispersionBps: 10_000_000,
  floorBps: 10_000_000,
}

const cents = (least: number, most: number) =>
  fc.integer({ min: least, max: most }).map((count) => new Decimal(count).div(100).toFixed())

const honest = cents(9_000, 11_000)
const lie = fc.oneof(honest, cents(1, 1_000_000_000), fc.constant('0.000000000000000001'))

const sources = ['a:BTC-USD', 'b:BTC-USD', 'c:BTC-USD', 'd:BTC-USDT', 'e:BTC-USDT', 'f:BTC-USDT']
const pegs = ['l1:USDT-USD', 'l2:USDT-USD', 'l3:USDT-USD']
const feeds = theFeeds(aFeed(sources), { legs: { USDT: aLeg() } })

/** Quotes that are mostly good, some of them old, absurd, suspended or missing. */
const quotes = fc
  .tuple(
    fc.array(
      fc.record({ price: lie, age: fc.integer({ min: -6_000, max: 12_000 }), fate: fc.nat(9) }),
      {
        minLength: 6,
        maxLength: 6,
      },
    ),
    fc.array(
      fc.record({
        price: cents(94, 106),
        age: fc.integer({ min: 0, max: 11_000 }),
        fate: fc.nat(12),
      }),
      { minLength: 3, maxLength: 3 },
    ),
  )
  .map(([markets, legs]) => [
    ...markets.flatMap((one, at) => quoteOf(sources[at] ?? '', one)),
    ...legs.flatMap((one, at) => quoteOf(pegs[at] ?? '', one)),
  ])

function quoteOf(
  source: string,
  { price, age, fate }: { price: string; age: number; fate: number },
): readonly Quote[] {
  if (fate === 0) return []
  return [aQuote(source, price, { venueTime: after(-age), suspended: fate === 1 })]
}

const rounds = fc.array(quotes, { minLength: 1, maxLength: 4 }).map((all) =>
  all.reduce<readonly PriceRound[]>((before, each, index) => {
    const memory = before.at(-1)?.memory
    return [...before, priceRound({ round: index, feeds, quotes: each, memory, now: start })]
  }, []),
)

describe('the price', () => {
  test('stays among the honest sources, whatever a minority says', () => {
    let priced = 0
    const world = fc.integer({ min: 1, max: 6 }).chain((liars) =>
      fc.record({
        liars: fc.array(lie, { minLength: liars, maxLength: liars }),
        honest: fc.array(honest, { minLength: liars + 1, maxLength: 8 }),
        strict: fc.boolean(),
      }),
    )
    fc.assert(
      fc.property(world, (given) => {
        const all = [...given.honest, ...given.liars]
        const { outcome } = feedOf(roundOf(all, { minSources: 2, rules: given.strict ? {} : open }))
        if (outcome.kind !== 'price') return
        priced += 1
        const values = given.honest.map(usd)
        expect(outcome.price.gte(Decimal.min(...values))).toBe(true)
        expect(outcome.price.lte(Decimal.max(...values))).toBe(true)
      }),
      { numRuns: 400 },
    )
    expect(priced).toBeGreaterThan(100)
  })

  test('is not pulled out of the honest range by liars beside the median, as a filtered median would be', () => {
    const round = roundOf(['100', '105', '106', '99.9', '99.95'], { rules: open })
    expect(feedOf(round).outcome).toMatchObject({ kind: 'price', price: usd(100) })
  })

  test('does not depend on the order of sources or quotes', () => {
    fc.assert(
      fc.property(quotes, fc.infiniteStream(fc.nat()), (given, chance) => {
        const shuffled = <T>(all: readonly T[]): readonly T[] =>
          all
            .map((one) => ({ one, at: chance.next().value as number }))
            .toSorted((a, b) => a.at - b.at)
            .map(({ one }) => one)
        const look = { round: 1, memory: undefined, now: start }
        const sorted = priceRound({ ...look, feeds, quotes: given })
        expect(priceRound({ ...look, feeds, quotes: shuffled(given) })).toEqual(sorted)
        const other = theFeeds(aFeed(shuffled(sources)), { legs: feeds.legs })
        const moved = priceRound({ ...look, feeds: other, quotes: given })
        expect(feedOf(moved).outcome).toEqual(feedOf(sorted).outcome)
      }),
    )
  })

  test('scales with its sources', () => {
    const many = fc.array(honest, { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(many, fc.constantFrom('0.001', '2', '7', '100000'), (prices, factor) => {
        const scaled = roundOf(prices.map((price) => usd(price).mul(factor).toFixed()))
        const plain = roundOf(prices)
        const [one, other] = [feedOf(plain), feedOf(scaled)]
        expect(other.sources.map(({ verdict }) => verdict)).toEqual(
          one.sources.map(({ verdict }) => verdict),
        )
        if (one.outcome.kind !== 'price') return
        expect(other.outcome).toMatchObject({
          price: one.outcome.price.mul(factor),
          confidence: one.outcome.confidence.mul(factor),
        })
      }),
    )
  })
})

describe('a round of any quotes', () => {
  test('has no price from fewer than enough agreeing sources', () => {
    fc.assert(
      fc.property(rounds, (all) => {
        for (const { outcome, sources: each } of all.flatMap((round) => round.feeds)) {
          if (outcome.kind !== 'price') continue
          const agree = each.filter(({ verdict }) => verdict === 'agrees').length
          const fresh = each.filter(({ verdict }) => verdict.endsWith('agrees')).length
          expect(agree).toBe(outcome.sources)
          expect(agree).toBeGreaterThanOrEqual(3)
          expect(agree * 2).toBeGreaterThan(fresh)
        }
      }),
    )
  })

  test('is as old as its oldest agreeing input, legs included', () => {
    fc.assert(
      fc.property(rounds, (all) => {
        for (const round of all) {
          const leg = feedOf(round, 'USDT-USD')
          const market = feedOf(round)
          if (market.outcome.kind !== 'price') continue
          const { oldestInputAt } = market.outcome
          const times = agreeing(market).map(({ at }) => at)
          expect(times).toContain(oldestInputAt)
          expect(Math.min(...times.map(Number))).toBe(oldestInputAt)
          const needsLeg = agreeing(market).some(({ instrument }) => instrument === 'BTC-USDT')
          const legTimes = needsLeg ? agreeing(leg).map(({ at }) => Number(at)) : []
          expect(legTimes.filter((at) => at < oldestInputAt)).toEqual([])
        }
      }),
    )
  })

  test('never takes a stablecoin for a dollar', () => {
    fc.assert(
      fc.property(quotes, (given) => {
        const round = priceRound({ round: 1, feeds, quotes: given, memory: undefined, now: start })
        const leg = feedOf(round, 'USDT-USD').outcome
        for (const { venue, instrument, price, verdict } of feedOf(round).sources) {
          if (instrument !== 'BTC-USDT' || !price) continue
          const raw = given.find((quote) => quote.venue === venue)?.last ?? usd(0)
          if (leg.kind !== 'price') throw new Error('it was converted without a leg')
          expect(verdict).not.toBe('no-conversion')
          expect(price.eq(raw.mul(leg.price).toDecimalPlaces(18))).toBe(true)
        }
      }),
    )
  })

  test('is the same again, also with a memory that was text in between', () => {
    fc.assert(
      fc.property(rounds, quotes, (before, given) => {
        const memory = before.at(-1)?.memory
        const look = { round: 9, feeds, quotes: given, now: start }
        const once = priceRound({ ...look, memory })
        expect(priceRound({ ...look, memory })).toEqual(once)
        const text = JSON.stringify(memory)
        expect(priceRound({ ...look, memory: JSON.parse(text) as typeof memory })).toEqual(once)
      }),
    )
  })
})

function agreeing({ sources: all }: FeedResult) {
  return all.filter(({ verdict }) => verdict === 'agrees')
}
