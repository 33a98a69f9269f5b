import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { Decimal } from '../../../lib/domain/decimal.ts'
import {
  buildFundingTick,
  type CoreFunding,
  judgeFundingTick,
} from '../../../lib/domain/funding/funding-tick.ts'
import { aCore, anAsset, at, now } from './a-core.ts'

const call = (...ticks: readonly (readonly [assetId: bigint, fundingIndex: bigint])[]) => ({
  operatorNonce: 7n,
  ticks: ticks.map(([assetId, fundingIndex]) => ({ assetId, fundingIndex })),
  timestamp: 0n,
})
const answer = (core: CoreFunding, asked: ReturnType<typeof call>) => {
  const verdict = judgeFundingTick(core, asked, now)
  return verdict.kind === 'refused' ? verdict.reason : verdict.kind
}

const rates = (...of: readonly (readonly [bigint, string])[]) =>
  new Map(of.map(([id, rate]) => [id, new Decimal(rate)] as const))

describe('a tick judged before it is sent', () => {
  test('may move an asset of 100 by 3 % and a little in an hour', () => {
    expect(answer(aCore(), call([1n, 12_885_120_000n]))).toBe('accepted')
    expect(answer(aCore(), call([1n, -12_885_120_000n]))).toBe('accepted')
    expect(judgeFundingTick(aCore(), call([1n, 12_885_120_001n]), now)).toEqual({
      kind: 'refused',
      reason: 'INVALID_FUNDING_RATE',
      panic: 'INVALID_FUNDING_RATE synthetic_id: AssetId { value: 1 }',
      assetId: 1n,
    })
  })

  // Gen D alone looks at the kind (read in its source); a spot asset does not count in the length.
  test('has no place for a spot asset', () => {
    const assets = [anAsset(1n), anAsset(2n, { kind: 'spot' })]
    expect(answer(aCore({ assets }), call([1n, 0n]))).toBe('accepted')
    expect(answer(aCore({ assets }), call([2n, 0n]))).toBe('NOT_SYNTHETIC')
    expect(answer(aCore({ assets, generation: 'C' }), call([2n, 0n]))).toBe('accepted')
    expect(answer(aCore({ assets }), call([1n, 0n], [2n, 0n]))).toBe('INVALID_FUNDING_TICK_LEN')
  })

  test('waits for the price of every active asset, of a spot one too', () => {
    const lastPriceValidation = at(1_003_600 - 86_401)
    const stale = anAsset(2n, { kind: 'spot', pricedAt: lastPriceValidation })
    const core = aCore({ assets: [anAsset(1n), stale], lastPriceValidation })
    expect(answer(core, call([1n, 0n]))).toBe('SYNTHETIC_EXPIRED_PRICE')
    const inactive = { ...core, assets: [anAsset(1n), { ...stale, status: 'inactive' as const }] }
    expect(judgeFundingTick(inactive, call([1n, 0n]), now)).toEqual({
      kind: 'accepted',
      lastFundingTick: now,
      lastPriceValidation: now,
    })
    // One second earlier the contract does not look.
    expect(answer({ ...core, lastPriceValidation: at(1_003_600 - 86_400) }, call([1n, 0n]))).toBe(
      'accepted',
    )
  })

  test('tells of the first thing that is wrong, as the contract does', () => {
    const core = aCore({ assets: [anAsset(1n), anAsset(2n)] })
    // Over the cap, then out of order.
    expect(answer(core, call([2n, 1n << 40n], [1n, 0n]))).toBe('INVALID_FUNDING_RATE')
    expect(answer(core, call([2n, 0n], [1n, 1n << 40n]))).toBe('FUNDING_TICKS_NOT_SORTED')
    expect(answer({ ...core, paused: true, isOperator: false }, call())).toBe('PAUSED')
    expect(answer({ ...core, isOperator: false }, call())).toBe('ONLY_OPERATOR')
  })
})

describe('a tick that we build', () => {
  test('moves each active synthetic by its rate, ascending', () => {
    const assets = [
      anAsset(9n, { fundingIndex: 5n }),
      anAsset(4n, { fundingIndex: -5n }),
      anAsset(5n, { kind: 'spot' }),
      anAsset(6n, { status: 'pending' }),
      anAsset(7n, { status: 'inactive' }),
    ]
    const built = buildFundingTick(aCore({ assets }), rates([9n, '0.01'], [4n, '-0.01']), now)
    expect(built).toEqual({
      ticks: [
        { assetId: 4n, fundingIndex: -5n - (1n << 32n) },
        { assetId: 9n, fundingIndex: 5n + (1n << 32n) },
      ],
      clamped: [],
      unrated: [],
    })
  })

  test('stays at 95 % of the cap and tells of whom, what and how much', () => {
    const built = buildFundingTick(aCore(), rates([1n, '-0.04']), now)
    expect(built.clamped).toEqual([{ assetId: 1n, wanted: -4n << 32n, allowed: -12_240_864_000n }])
    expect(built.ticks).toEqual([{ assetId: 1n, fundingIndex: -12_240_864_000n }])
  })

  test('leaves an asset without a rate where it is, and says so', () => {
    const assets = [anAsset(1n, { fundingIndex: 3n })]
    expect(buildFundingTick(aCore({ assets }), rates(), now)).toEqual({
      ticks: [{ assetId: 1n, fundingIndex: 3n }],
      clamped: [],
      unrated: [1n],
    })
  })

  test('moves nothing in the block of the last tick', () => {
    const core = aCore({ lastFundingTick: now })
    expect(buildFundingTick(core, rates([1n, '0.01']), now)).toMatchObject({
      ticks: [{ assetId: 1n, fundingIndex: 0n }],
      clamped: [{ assetId: 1n, wanted: 1n << 32n, allowed: 0n }],
    })
  })
})

const i64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })
const someAssets = fc.uniqueArray(
  fc
    .record({
      id: fc.bigInt({ min: 1n, max: 1n << 120n }),
      kind: fc.constantFrom('synthetic', 'spot', 'vault-share'),
      status: fc.constantFrom('pending', 'active', 'inactive'),
      price: fc.bigInt({ min: 0n, max: (1n << 56n) - 1n }),
      fundingIndex: i64,
    })
    .map((fields) => anAsset(fields.id, fields)),
  { selector: ({ id }) => id, maxLength: 8 },
)

describe('whatever the core and the rates are, a tick that we build', () => {
  const rate = fc.option(
    fc.integer({ min: -(10 ** 9), max: 10 ** 9 }).map((part) => new Decimal(`${part}e-8`)),
    { nil: undefined },
  )
  const cases = fc.record({
    assets: someAssets,
    wishes: fc.array(rate, { minLength: 8, maxLength: 8 }),
    maxFundingRate: fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }),
    generation: fc.constantFrom('C', 'D'),
    seconds: fc.integer({ min: 0, max: 80_000 }),
    later: fc.integer({ min: 0, max: 6_000 }),
  })

  test('is accepted in that block and in later ones', () => {
    fc.assert(
      fc.property(cases, ({ assets, wishes, seconds, later, ...limits }) => {
        const core = aCore({ ...limits, assets, lastFundingTick: at(1_003_600 - seconds) })
        const rated = new Map(
          assets.flatMap(({ id }, index) => {
            const one = wishes[index]
            return one === undefined ? [] : [[id, one] as const]
          }),
        )
        const { ticks } = buildFundingTick(core, rated, now)
        const asked = { operatorNonce: 7n, ticks, timestamp: 0n }
        expect(judgeFundingTick(core, asked, now).kind).toBe('accepted')
        expect(judgeFundingTick(core, asked, at(1_003_600 + later)).kind).toBe('accepted')
      }),
      { numRuns: 300 },
    )
  })
})
