import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { Decimal } from '../../../lib/domain/decimal.ts'
import {
  dydxEpochPpm,
  dydxSamplePpm,
  epochPremium,
  type SampleRules,
  smoothed,
} from '../../../lib/domain/funding/samples.ts'

const epoch = { firstSlot: 100, slots: 4, before: undefined }
const rules: SampleRules = { minSamples: 1, minVotes: 1, missing: 'zero', average: 'mean' }
const votes = (...of: readonly (readonly [slot: number, premium: string])[]) =>
  of.map(([slot, premium]) => ({ slot, premium: new Decimal(premium) }))

function premiumOf(
  cast: ReturnType<typeof votes>,
  changed: Partial<SampleRules> = {},
  before?: string,
): string {
  const from = { ...epoch, before: before === undefined ? undefined : new Decimal(before) }
  const result = epochPremium(cast, from, { ...rules, ...changed })
  return result.kind === 'premium' ? result.premium.toFixed() : result.kind
}

describe('an epoch’s premium', () => {
  test('is the mean of its slots, those nobody voted for being zero', () => {
    expect(premiumOf(votes([100, '0.004'], [102, '0.008']))).toBe('0.003')
  })

  test('carries the slot before forward where the rules say so, also from the epoch before', () => {
    const carried = { missing: 'carry-forward' } as const
    expect(premiumOf(votes([101, '0.004'], [103, '0.008']), carried)).toBe('0.004')
    expect(premiumOf(votes([101, '0.004'], [103, '0.008']), carried, '0.012')).toBe('0.007')
  })

  test('is the median where the rules say so', () => {
    const cast = votes([100, '0.001'], [101, '0.002'], [102, '0.004'], [103, '1'])
    expect(premiumOf(cast, { average: 'median' })).toBe('0.003')
  })

  test('weighs later slots more where the rules say so', () => {
    // (1·1 + 2·2 + 3·3 + 4·4) / 10 thousandths.
    const cast = votes([100, '0.001'], [101, '0.002'], [102, '0.003'], [103, '0.004'])
    expect(premiumOf(cast, { average: 'linear' })).toBe('0.003')
  })

  test('of several keepers is that of each slot’s median, so that one alone decides nothing', () => {
    const cast = votes([100, '0.001'], [100, '0.002'], [100, '9'], [101, '0.002'])
    expect(premiumOf(cast)).toBe('0.001')
  })

  test('counts votes that are missing as zeros where several are needed', () => {
    expect(premiumOf(votes([100, '0.001'], [100, '0.002']), { minVotes: 3 })).toBe('0.00025')
    expect(premiumOf(votes([100, '0.001']), { minVotes: 3 })).toBe('0')
  })

  test('is none where too few slots have a vote, and says how many', () => {
    expect(epochPremium(votes([100, '1'], [104, '1']), epoch, { ...rules, minSamples: 2 })).toEqual(
      { kind: 'too-few-samples', sampled: 1, needed: 2 },
    )
  })

  test('tells how many slots it is made of, and what the next epoch carries on', () => {
    expect(epochPremium(votes([101, '0.004'], [102, '0.002']), epoch, rules)).toMatchObject({
      sampled: 2,
      slots: 4,
      last: new Decimal(0),
    })
    const carried = { ...rules, missing: 'carry-forward' } as const
    expect(epochPremium(votes([101, '0.004'], [102, '0.002']), epoch, carried)).toMatchObject({
      last: new Decimal('0.002'),
    })
  })

  test('of no slots is refused', () => {
    expect(() => epochPremium([], { ...epoch, slots: 0 }, rules)).toThrow(
      'an epoch of 0 slots has no premium',
    )
  })
})

const someVotes = fc.array(
  fc.record({
    slot: fc.integer({ min: 95, max: 110 }),
    premium: fc.integer({ min: -10_000, max: 10_000 }).map((bps) => new Decimal(bps).div(10_000)),
  }),
)
const someRules = fc.record({
  minSamples: fc.constant(0),
  minVotes: fc.integer({ min: 0, max: 4 }),
  missing: fc.constantFrom('zero', 'carry-forward'),
  average: fc.constantFrom('mean', 'median', 'linear'),
})

describe('whatever the votes are, the premium', () => {
  test('lies between zero and the farthest vote', () => {
    fc.assert(
      fc.property(someVotes, someRules, (cast, some) => {
        const result = epochPremium(cast, epoch, some)
        if (result.kind !== 'premium') throw new Error('no samples were asked for')
        const all = [new Decimal(0), ...cast.map(({ premium }) => premium)]
        const slack = new Decimal('1e-50')
        expect(result.premium.gte(Decimal.min(...all).sub(slack))).toBe(true)
        expect(result.premium.lte(Decimal.max(...all).add(slack))).toBe(true)
      }),
    )
  })

  test('does not hang on the order in which they came', () => {
    fc.assert(
      fc.property(someVotes, someRules, (cast, some) => {
        expect(epochPremium(cast.toReversed(), epoch, some)).toEqual(
          epochPremium(cast, epoch, some),
        )
      }),
    )
  })

  test('decays to zero in an epoch that nobody saw', () => {
    fc.assert(
      fc.property(someRules, (some) => {
        const before = new Decimal('0.01')
        const result = epochPremium([], { ...epoch, before }, some)
        const left = some.missing === 'zero' ? '0' : '0.01'
        expect(result).toMatchObject({ kind: 'premium', premium: new Decimal(left) })
      }),
    )
  })
})

const many = (count: number, of: bigint) => Array.from({ length: count }, () => of)

// v4-chain lib/math.go: the average of two middles away from zero, the mean towards it; x/perpetuals pads both with zeros.
describe('dYdX v4', () => {
  test('takes the median of at least fifteen votes', () => {
    expect(dydxSamplePpm(many(8, 1001n), 15)).toBe(1001n)
    expect(dydxSamplePpm(many(7, 1001n), 15)).toBe(0n)
    expect(dydxSamplePpm([], 15)).toBe(0n)
  })

  test.each([
    [[1n, 2n], 2n],
    [[-1n, -2n], -2n],
    [[-1n, 2n], 1n],
    [[-2n, 1n], -1n],
    [[3n, 1n, 2n], 2n],
  ])('rounds the middle of %o away from zero', (cast, median) => {
    expect(dydxSamplePpm(cast, 0)).toBe(median)
  })

  test('takes the mean of at least sixty samples, towards zero', () => {
    expect(dydxEpochPpm(many(60, 100n), 60)).toBe(100n)
    expect(dydxEpochPpm(many(30, 100n), 60)).toBe(50n)
    expect(dydxEpochPpm([59n], 60)).toBe(0n)
    expect(dydxEpochPpm([-119n], 60)).toBe(-1n)
    expect(dydxEpochPpm([], 0)).toBe(0n)
  })
})

describe('smoothing', () => {
  test('takes over half of a change after the half-life', () => {
    const steps = 30
    let value = new Decimal('0.0008')
    for (let step = 0; step < steps; step++) value = smoothed(value, new Decimal(0), steps)
    expect(value.sub('0.0004').abs().lt('1e-40')).toBe(true)
  })

  test('begins with the first sample, and needs a half-life', () => {
    expect(smoothed(undefined, new Decimal(7), 5)).toEqual(new Decimal(7))
    expect(() => smoothed(undefined, new Decimal(7), 0)).toThrow('a half-life of 0 steps')
  })
})
