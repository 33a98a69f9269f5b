import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { Decimal } from '../../../lib/domain/decimal.ts'
import {
  belowCap,
  starknetIndexCap,
  starknetIndexChange,
  withinCap,
} from '../../../lib/domain/funding/index-change.ts'
import {
  type LatePolicy,
  nothingOwed,
  type OwedTime,
  paidTime,
  rateOver,
} from '../../../lib/domain/funding/late-epoch.ts'

const epochSeconds = 3_600
const sixHours = 21_600

const gap = (elapsedSeconds: number, owed: OwedTime = nothingOwed) => ({
  elapsedSeconds,
  epochSeconds,
  owed,
})

/** What each tick pays for, where they come after these gaps. */
function paidOver(policy: LatePolicy, gaps: readonly number[]): readonly number[] {
  let owed = nothingOwed
  return gaps.map((elapsedSeconds) => {
    const paid = paidTime(policy, gap(elapsedSeconds, owed))
    ;({ owed } = paid)
    return paid.seconds
  })
}

describe('a late epoch', () => {
  test('is forgiven whole, as Paradex does after 30 s', () => {
    const policy = { kind: 'forgive', afterSeconds: 30 } as const
    expect(paidTime(policy, gap(30))).toMatchObject({ seconds: 30, forgiven: 0 })
    expect(paidTime(policy, gap(31))).toMatchObject({ seconds: 0, forgiven: 31 })
  })

  test('is paid for up to a cap, as Mango does for an hour', () => {
    const policy = { kind: 'cap', maxSeconds: 3_600 } as const
    expect(paidTime(policy, gap(sixHours))).toEqual({
      seconds: 3_600,
      forgiven: 18_000,
      owed: nothingOwed,
    })
  })

  test('is paid for in parts over the next epochs, itself among them', () => {
    const policy = { kind: 'amortise', epochs: 4 } as const
    const hours = Array.from({ length: 5 }, () => epochSeconds)
    // Five hours too many: a quarter of them four times.
    expect(paidOver(policy, [sixHours, ...hours])).toEqual([
      8_100, 8_100, 8_100, 8_100, 3_600, 3_600,
    ])
  })

  test('that comes while another one is paid for adds to it', () => {
    const policy = { kind: 'amortise', epochs: 2 } as const
    const hour = epochSeconds
    // One hour late, half paid; then two more late: two and a half are left for two epochs.
    expect(paidOver(policy, [2 * hour, 3 * hour, hour, hour])).toEqual([
      1.5 * hour,
      2.25 * hour,
      2.25 * hour,
      hour,
    ])
  })

  test('is not paid for slower because later ticks are a little late', () => {
    const policy = { kind: 'amortise', epochs: 4 } as const
    expect(paidOver(policy, [sixHours, 3_601, 3_601, 3_601, 3_600])).toEqual([
      8_100, 8_100, 8_100, 8_100, 3_603,
    ])
  })

  test('is not paid for faster by ticking more often', () => {
    const policy = { kind: 'amortise', epochs: 4 } as const
    expect(paidOver(policy, [sixHours, 36, 36])).toEqual([8_100, 81, 81])
  })

  test('that another policy left to be paid is forgiven', () => {
    const owed = { seconds: 500, perEpoch: 100 }
    expect(paidTime({ kind: 'cap', maxSeconds: 3_600 }, gap(3_600, owed))).toEqual({
      seconds: 3_600,
      forgiven: 500,
      owed: nothingOwed,
    })
  })

  test.each([-1, 0.5, NaN])('cannot be %d s ago', (seconds) => {
    expect(() => paidTime({ kind: 'cap', maxSeconds: 1 }, gap(seconds))).toThrow('is no time')
  })
})

test('a rate is divided by time', () => {
  expect(rateOver(new Decimal('0.0008'), 900, epochSeconds).toFixed()).toBe('0.0002')
})

const somePolicy: fc.Arbitrary<LatePolicy> = fc.oneof(
  fc.record({
    kind: fc.constant('forgive'),
    afterSeconds: fc.integer({ min: epochSeconds, max: 10_000 }),
  }),
  fc.record({
    kind: fc.constant('cap'),
    maxSeconds: fc.integer({ min: epochSeconds, max: 10_000 }),
  }),
  fc.record({ kind: fc.constant('amortise'), epochs: fc.integer({ min: 1, max: 20 }) }),
)
const someGaps = fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 20 })

describe('whatever the policy is', () => {
  test('ticks that are on time pay for their time', () => {
    const onTime = fc.array(fc.integer({ min: 0, max: epochSeconds }))
    fc.assert(
      fc.property(somePolicy, onTime, (policy, gaps) => {
        expect(paidOver(policy, gaps)).toEqual(gaps)
      }),
    )
  })

  test('time that is paid for, forgiven or owed is the time that went by', () => {
    fc.assert(
      fc.property(somePolicy, someGaps, (policy, gaps) => {
        let owed = nothingOwed
        let told = 0
        for (const elapsed of gaps) {
          const paid = paidTime(policy, gap(elapsed, owed))
          expect(Math.min(paid.seconds, paid.forgiven, paid.owed.seconds)).toBeGreaterThanOrEqual(0)
          told += paid.seconds + paid.forgiven
          ;({ owed } = paid)
        }
        expect(told + owed.seconds).toBe(gaps.reduce((sum, one) => sum + one, 0))
      }),
    )
  })

  test('what is owed is paid within the epochs that were chosen', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), someGaps, (epochs, gaps) => {
        const calm = Array.from({ length: epochs - 1 }, () => epochSeconds)
        const paid = paidOver({ kind: 'amortise', epochs }, [...gaps, ...calm, epochSeconds])
        expect(paid.at(-1)).toBe(epochSeconds)
      }),
    )
  })

  test('no tick moves the index past the contract’s cap, nor all of them past an exchange’s that never stalled', () => {
    const maxFundingRate = 35_792n
    const rate = fc
      .integer({ min: -(10 ** 6), max: 10 ** 6 })
      .map((ppm) => new Decimal(`${ppm}e-6`))
    const price = fc.bigInt({ min: 0n, max: (1n << 56n) - 1n })
    fc.assert(
      fc.property(somePolicy, someGaps, rate, price, (policy, gaps, hourly, at) => {
        let moved = 0n
        let elapsed = 0
        for (const [tick, seconds] of paidOver(policy, gaps).entries()) {
          const passed = gaps[tick] ?? 0
          const cap = starknetIndexCap({ price: at, maxFundingRate, seconds: BigInt(passed) })
          const wanted = starknetIndexChange(rateOver(hourly, seconds, epochSeconds), at)
          const change = withinCap(wanted, belowCap(cap))
          expect(change <= cap && change >= -cap).toBe(true)
          moved += change
          elapsed += passed
        }
        const unstalled = starknetIndexChange(rateOver(hourly, elapsed, epochSeconds), at)
        expect(magnitude(moved) <= magnitude(unstalled)).toBe(true)
        expect(moved * unstalled >= 0n).toBe(true)
      }),
    )
  })
})

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}
