import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { Decimal } from '../../../lib/domain/decimal.ts'
import {
  belowCap,
  dydxIndexChange,
  evmFundingPayment,
  evmIndexChange,
  evmRate,
  isI64,
  starkexFundingPayment,
  starkexIndexCap,
  starkexIndexChange,
  starkexIndexPerCoin,
  starknetFundingPayment,
  starknetIndexCap,
  starknetIndexChange,
  withinCap,
} from '../../../lib/domain/funding/index-change.ts'
import { sharedJson, titled, whole } from './shared.ts'

const scale = 1n << 28n
const half = 1n << 31n
const amount = (most: bigint) => fc.bigInt({ min: 0n, max: most })

describe('starknet-perpetual', () => {
  test('moves the index by rate times price', () => {
    // 3 % of a price of 100: 3 at scale 2^32.
    expect(starknetIndexChange(new Decimal('0.03'), 100n * scale)).toBe(3n << 32n)
    expect(starknetIndexChange(new Decimal('-0.03'), 100n * scale)).toBe(-3n << 32n)
  })

  test('rounds a change towards zero, in favour of whoever pays', () => {
    // A sixteenth is one.
    expect(starknetIndexChange(new Decimal('0.1249'), 1n)).toBe(1n)
    expect(starknetIndexChange(new Decimal('-0.1249'), 1n)).toBe(-1n)
  })

  test('takes 3 % an hour and a little at a rate of 35,792', () => {
    const cap = starknetIndexCap({ price: 100n * scale, maxFundingRate: 35_792n, seconds: 3_600n })
    expect(cap).toBe(12_885_120_000n)
    expect(cap >= 3n << 32n).toBe(true)
    expect(belowCap(cap)).toBe(12_240_864_000n)
  })

  // keepers.md names these; the recorded ones below are more.
  test.each([
    [38_654_705n, 225_000_000n, 2_024_999n],
    [38_654_705n, -225_000_000n, -2_025_000n],
    [-38_654_705n, -225_000_000n, 2_024_999n],
    [-38_654_705n, 225_000_000n, -2_025_000n],
    [half, 1_000_000_000n, 500_000_000n],
    [half, 1_000_000_001n, 500_000_000n],
    [-half, 1_000_000_001n, -500_000_001n],
    [half, -1_000_000_001n, -500_000_001n],
    [-half, -1_000_000_001n, 500_000_000n],
  ])('pays for an index that fell by %d to a balance of %d: %d', (change, balance, payment) => {
    expect(starknetFundingPayment({ from: change, to: 0n, balance })).toBe(payment)
    expect(starknetFundingPayment({ from: 7n, to: 7n - change, balance })).toBe(payment)
  })
})

describe('StarkEx', () => {
  // A FUNDING_TICK of ApeX, from its explorer's examples.
  test.each([
    ['BTC-10', -611_628_632n, 10, '-1424.0589'],
    ['DOGE-5', -317_421_406n, 5, '-0.00739054'],
    ['ETH-9', -2_642_902_836n, 9, '-615.34877'],
    ['LINK-7', -608_369_332n, 7, '-1.4164702'],
  ])('has paid so much for a whole coin: %s', (_, index, resolution, perCoin) => {
    const asset = 10n ** BigInt(resolution)
    const paid = starkexIndexPerCoin(index, { asset, collateral: 1_000_000n })
    const digits = new Decimal(perCoin).precision()
    expect(paid.toSignificantDigits(digits, Decimal.ROUND_HALF_UP).toFixed()).toBe(perCoin)
  })

  test('moves the index by rate times price, towards zero', () => {
    expect(starkexIndexChange(new Decimal('0.01'), 250n)).toBe(2n)
    expect(starkexIndexChange(new Decimal('-0.01'), 250n)).toBe(-2n)
  })

  test('takes 0.751 % in eight hours at a rate of 1,120', () => {
    const price = 10n ** 15n
    const cap = starkexIndexCap({ price, maxFundingRate: 1_120n, seconds: 28_800n })
    expect(new Decimal(String(cap)).div(String(price)).toFixed(5)).toBe('0.00751')
  })

  test('takes the largest change that its own inequality does', () => {
    fc.assert(
      fc.property(
        amount((1n << 64n) - 1n),
        amount((1n << 32n) - 1n),
        amount(1n << 32n),
        (price, maxFundingRate, seconds) => {
          const cap = starkexIndexCap({ price, maxFundingRate, seconds })
          const allowed = maxFundingRate * price * seconds
          expect(cap << 32n <= allowed).toBe(true)
          expect((cap + 1n) << 32n > allowed).toBe(true)
        },
      ),
    )
  })

  test('rounds once for a position, where the other rounds each holding', () => {
    const holding = { from: 0n, to: half, balance: 1n }
    // Half a unit twice.
    expect(starkexFundingPayment([holding, holding])).toBe(-1n)
    expect(2n * starknetFundingPayment(holding)).toBe(-2n)
    expect(starkexFundingPayment([])).toBe(0n)
  })
})

describe('the EVM engine', () => {
  const e18 = 10n ** 18n

  test('has rates at 18 decimals, rounded towards zero', () => {
    expect(evmRate(new Decimal('0.0001'))).toBe(10n ** 14n)
    expect(evmRate(new Decimal('1.9e-18'))).toBe(1n)
    expect(evmRate(new Decimal('-1.9e-18'))).toBe(-1n)
  })

  test('moves the index by rate times price, rounded down', () => {
    expect(evmIndexChange(-3n, 1_000n * e18)).toBe(-3_000n)
    expect(evmIndexChange(-3n, e18 / 2n)).toBe(-2n)
    expect(evmIndexChange(3n, e18 / 2n)).toBe(1n)
  })

  test('pays in the collateral’s smallest units, rounded down', () => {
    // 1 % of 1,000 USD on two whole units, in a collateral of six decimals.
    const unit = 10n ** 30n
    const due = { from: 0n, to: 10n * e18, balance: 2n * e18 }
    expect(evmFundingPayment(due, unit)).toBe(-20_000_000n)
    expect(evmFundingPayment({ ...due, balance: -2n * e18 }, unit)).toBe(20_000_000n)
    expect(evmFundingPayment({ from: 0n, to: 1n, balance: 1n }, unit)).toBe(-1n)
    expect(evmFundingPayment({ from: 0n, to: 1n, balance: -1n }, unit)).toBe(0n)
  })
})

const vectors = z
  .object({
    'extended.fundingPayment': z.object({
      cases: z.array(z.object({ oldMinusNew: whole, balance: whole, payment: whole })),
    }),
    'dydxV4.fundingIndexDelta': z.object({
      cases: z.array(
        z.object({
          price: whole,
          priceExp: z.number(),
          baseResolution: z.number(),
          ratePpm8h: whole,
          seconds: whole,
          indexDelta: whole,
        }),
      ),
    }),
  })
  .optional()
  .parse(sharedJson('vectors/keepers.json'))

describe.skipIf(vectors === undefined)(
  titled('the recorded changes and payments', 'vectors/keepers.json'),
  () => {
    test('of Extended', () => {
      const cases = vectors?.['extended.fundingPayment'].cases ?? []
      expect(cases).toHaveLength(10)
      for (const { oldMinusNew, balance, payment } of cases)
        expect(starknetFundingPayment({ from: oldMinusNew, to: 0n, balance })).toBe(payment)
    })

    test('of dYdX v4', () => {
      const cases = vectors?.['dydxV4.fundingIndexDelta'].cases ?? []
      expect(cases).toHaveLength(4)
      for (const one of cases)
        expect(
          dydxIndexChange({
            ratePpm: one.ratePpm8h,
            seconds: one.seconds,
            price: one.price,
            priceExponent: one.priceExp,
            baseResolution: one.baseResolution,
          }),
        ).toBe(one.indexDelta)
    })
  },
)

const i64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })

describe('whatever the index does', () => {
  test('a long and a short of one size never get more than they pay', () => {
    fc.assert(
      fc.property(i64, i64, i64, (from, to, balance) => {
        const pair = [balance, -balance].map((held) => ({ from, to, balance: held }))
        const sums = [
          pair.map((due) => starknetFundingPayment(due)),
          pair.map((due) => starkexFundingPayment([due])),
          pair.map((due) => evmFundingPayment(due, 10n ** 30n)),
        ].map(([long = 1n, short = 1n]) => long + short)
        for (const sum of sums) expect(sum === 0n || sum === -1n).toBe(true)
      }),
    )
  })

  test('settling on the way never brings more than settling at the end, and costs less than one unit', () => {
    fc.assert(
      fc.property(i64, i64, i64, i64, (from, between, to, balance) => {
        const once = starknetFundingPayment({ from, to, balance })
        const twice =
          starknetFundingPayment({ from, to: between, balance }) +
          starknetFundingPayment({ from: between, to, balance })
        expect(once - twice === 0n || once - twice === 1n).toBe(true)
      }),
    )
  })
})

test('a change within a cap is that change, and beyond it the cap on its side', () => {
  fc.assert(
    fc.property(i64, fc.bigInt({ min: 0n, max: 1n << 63n }), (change, most) => {
      const kept = withinCap(change, most)
      const isWithin = change >= -most && change <= most
      expect(kept === change).toBe(isWithin)
      expect(isWithin || kept === (change < 0n ? -most : most)).toBe(true)
    }),
  )
})

test.each([
  [(1n << 63n) - 1n, true],
  [1n << 63n, false],
  [-(1n << 63n), true],
  [-(1n << 63n) - 1n, false],
])('%d fits a signed 64-bit number: %s', (value, fits) => {
  expect(isI64(value)).toBe(fits)
})
