import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { Decimal } from '../../../lib/domain/decimal.ts'
import {
  type Book,
  bookPremium,
  dydxPremiumPpm,
  impactPremium,
  impactPrice,
  samplePremium,
} from '../../../lib/domain/funding/premium.ts'
import { exact, hasShared, sharedJson, titled } from './shared.ts'

type Pair = readonly [price: string, size: string]

function levels(pairs: readonly Pair[]) {
  return pairs.map(([price, size]) => ({ price: new Decimal(price), size: new Decimal(size) }))
}

function aBook(bids: readonly Pair[], asks: readonly Pair[] = []): Book {
  return { bids: levels(bids), asks: levels(asks) }
}

const notional = new Decimal(5000)
const ppm = (book: Book, index: string, mostPpm = 10n ** 12n) =>
  dydxPremiumPpm({ book, notional, index: new Decimal(index), mostPpm })

const deepBids = [
  ['9999', '0.1'],
  ['9998', '1'],
] as const
const deepAsks = [
  ['10001', '0.1'],
  ['10001.5', '0.1'],
  ['10002', '1'],
] as const

// v4-chain, x/clob memclob premium tests.
describe('dYdX v4’s premium', () => {
  test.each([
    ['a bid above the index', aBook(deepBids), '9000', 110_911n],
    ['an ask below the index', aBook([], deepAsks), '10003', -129n],
    ['one ask deep enough', aBook([], [['10001', '1']]), '10001.9', -89n],
    ['one bid deep enough', aBook([['9999.9', '1']]), '9997.5', 240n],
    ['a bid of just the notional', aBook([['10000', '0.5']]), '9000', 111_111n],
    ['a book around the index', aBook(deepBids, deepAsks), '10000', 0n],
    ['a bid that is too thin', aBook([['9999', '0.5']]), '9000', 0n],
    ['an ask that is too thin', aBook([], [['10001', '0.4']]), '11000', 0n],
    ['an empty book', aBook([]), '9000', 0n],
  ])('of %s', (_, book, index, expected) => {
    expect(ppm(book, index)).toBe(expected)
    const premium = bookPremium(book, notional, new Decimal(index))
    expect(premium.mul(1e6).trunc().toNumber()).toBe(Number(expected))
  })

  test('is of the averages that its tests name', () => {
    // 1,000 of 5,000 at the first level is 0.1, and so on.
    expect(impactPrice(levels(deepBids), notional)?.toFixed(1)).toBe('9998.2')
    expect(impactPrice(levels(deepAsks), notional)?.toFixed(1)).toBe('10001.7')
  })

  test('ends at the clamp, either way', () => {
    expect(ppm(aBook(deepBids), '9000', 100_000n)).toBe(100_000n)
    expect(ppm(aBook([], deepAsks), '10003', 100n)).toBe(-100n)
  })

  test('does not round up what is a hair short of a whole part', () => {
    const price = new Decimal('1.0000999999999999999999999999999999')
    const book = { bids: [{ price, size: new Decimal(9999) }], asks: [] }
    expect(ppm(book, '1')).toBe(99n)
  })

  test('takes no price finer than it can hold', () => {
    const fine = aBook([[`1.${'0'.repeat(36)}1`, '9999']])
    expect(() => ppm(fine, '1')).toThrow('has more than 36 decimals')
  })

  test('of an index at zero, or of no notional, is refused', () => {
    expect(() => ppm(aBook(deepBids), '0')).toThrow('an index of 0 is not above zero')
    expect(() => impactPrice(levels(deepBids), new Decimal(0))).toThrow(
      'an impact notional of 0 is not above zero',
    )
  })
})

const vectors = z
  .object({
    'dydxV4.impactPremium': z.object({
      cases: z.array(
        z.object({
          name: z.string(),
          index: z.string().optional(),
          impactNotional: exact.optional(),
          bids: z.array(z.tuple([z.string(), z.string()])).default([]),
          asks: z.array(z.tuple([z.string(), z.string()])).default([]),
          premiumPpm: z.number(),
        }),
      ),
    }),
  })
  .optional()
  .parse(sharedJson('vectors/keepers.json'))

describe.skipIf(vectors === undefined)(
  titled('the recorded premiums', 'vectors/keepers.json'),
  () => {
    const cases = vectors?.['dydxV4.impactPremium'].cases ?? []
    test.for(cases.filter(({ index }) => index !== undefined))('%o', (one) => {
      expect(
        dydxPremiumPpm({
          book: aBook(one.bids, one.asks),
          notional: one.impactNotional ?? new Decimal(0),
          index: new Decimal(one.index ?? 0),
          mostPpm: 10n ** 12n,
        }),
      ).toBe(BigInt(one.premiumPpm))
    })
  },
)

const golden = 'data/funding/golden_funding_examples.json'
const published = z
  .object({
    hyperliquid_premium_from_impact: z.object({
      rows: z.array(
        z.object({
          asset_index: z.number(),
          impact_bid: exact,
          impact_ask: exact,
          oracle: exact,
          premium_published: exact,
        }),
      ),
    }),
  })
  .optional()
  .parse(sharedJson(golden))

test.skipIf(!hasShared(golden))(
  titled('every premium that Hyperliquid published follows from its impact prices', golden),
  () => {
    const rows = published?.hyperliquid_premium_from_impact.rows ?? []
    expect(rows.length).toBeGreaterThan(50)
    for (const { asset_index, impact_bid, impact_ask, oracle, premium_published } of rows) {
      const premium = impactPremium({ bid: impact_bid, ask: impact_ask, index: oracle })
      // Published with ten decimals.
      expect([asset_index, premium.toFixed(10)]).toEqual([
        asset_index,
        premium_published.toFixed(10),
      ])
    }
  },
)

describe('a sample', () => {
  const view = {
    index: new Decimal(9000),
    book: aBook(deepBids),
    impactNotional: notional,
    mark: new Decimal(9090),
  }

  test('is of the book where there is one, though it says nothing', () => {
    expect(samplePremium({ ...view, book: aBook([]) })).toEqual({
      kind: 'premium',
      premium: new Decimal(0),
      from: 'book',
    })
  })

  test('is of the mark price where there is no book', () => {
    expect(samplePremium({ ...view, book: undefined })).toEqual({
      kind: 'premium',
      premium: new Decimal('0.01'),
      from: 'mark',
    })
  })

  test('says what it lacks', () => {
    const none = { ...view, book: undefined, mark: undefined }
    expect(samplePremium(none)).toEqual({ kind: 'no-premium', missing: 'book-and-mark' })
    for (const index of [undefined, new Decimal(0)])
      expect(samplePremium({ ...view, index })).toEqual({ kind: 'no-premium', missing: 'index' })
  })
})

const someLevels = fc.array(
  fc.record({
    price: fc.integer({ min: 1, max: 10 ** 7 }).map((cents) => new Decimal(cents).div(100)),
    size: fc.integer({ min: 1, max: 10 ** 6 }).map((part) => new Decimal(part).div(1000)),
  }),
  { maxLength: 5 },
)

test('an impact price lies between the prices it was made of', () => {
  fc.assert(
    fc.property(someLevels, fc.integer({ min: 1, max: 10 ** 6 }), (side, amount) => {
      const price = impactPrice(side, new Decimal(amount))
      const worth = side.reduce((sum, one) => sum.add(one.price.mul(one.size)), new Decimal(0))
      expect(price === undefined).toBe(worth.lt(amount))
      if (price === undefined) return
      const prices = side.map((one) => one.price)
      const slack = new Decimal('1e-40')
      expect(price.gte(Decimal.min(...prices).sub(slack))).toBe(true)
      expect(price.lte(Decimal.max(...prices).add(slack))).toBe(true)
    }),
  )
})

test('whole parts per million are the decimal premium, truncated towards zero', () => {
  const index = fc.integer({ min: 1, max: 10 ** 7 }).map((cents) => new Decimal(cents).div(100))
  fc.assert(
    fc.property(someLevels, someLevels, index, (bids, asks, at) => {
      const book = { bids, asks }
      const whole = dydxPremiumPpm({ book, notional, index: at, mostPpm: 10n ** 18n })
      const premium = bookPremium(book, notional, at).mul(1e6)
      expect(premium.sub(String(whole)).abs().lte(1)).toBe(true)
      expect(premium.mul(String(whole)).gte(0)).toBe(true)
      expect(
        premium
          .abs()
          .add('1e-30')
          .gte(new Decimal(String(whole)).abs()),
      ).toBe(true)
    }),
  )
})
