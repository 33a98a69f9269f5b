import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { Decimal } from '../../../lib/domain/decimal.ts'
import {
  buildStarkexFundingTick,
  judgeStarkexFundingTick,
  type StarkexFunding,
} from '../../../lib/domain/funding/starkex-funding-tick.ts'
import { at } from './a-core.ts'

const price = 10n ** 15n

function anExchange(changes: Partial<StarkexFunding> = {}): StarkexFunding {
  return {
    systemTime: at(1_003_000),
    lastFundingTick: at(1_000_000),
    indices: new Map([
      [2n, 20n],
      [1n, 10n],
    ]),
    prices: new Map([
      [1n, price],
      [2n, price],
    ]),
    assets: [1n, 2n],
    maxFundingRate: 1_120n,
    ...changes,
  }
}

const now = at(1_003_600)
// 1,120 · 1e15 · 3,600 / 2^32, rounded down.
const cap = 938_773_155_212n

function answer(
  ticks: readonly (readonly [bigint, bigint])[],
  changes: Partial<StarkexFunding> = {},
  time = now,
): string {
  const verdict = judgeStarkexFundingTick(anExchange(changes), {
    at: time,
    ticks: ticks.map(([assetId, fundingIndex]) => ({ assetId, fundingIndex })),
  })
  return verdict.kind === 'accepted' ? 'accepted' : `${verdict.reason} ${verdict.assetId ?? ''}`
}

const same = [
  [1n, 10n],
  [2n, 20n],
] as const

describe('a FUNDING_TICK judged before it is sent', () => {
  test('may move each index by the cap, either way', () => {
    expect(
      answer([
        [1n, 10n + cap],
        [2n, 20n - cap],
      ]),
    ).toBe('accepted')
    expect(
      answer([
        [1n, 10n + cap + 1n],
        [2n, 20n],
      ]),
    ).toBe('OVER_CAP 1')
    expect(
      answer([
        [1n, 10n],
        [2n, 20n - cap - 1n],
      ]),
    ).toBe('OVER_CAP 2')
  })

  test('must have every asset that had an index', () => {
    expect(answer([[1n, 10n]])).toBe('ASSET_LEFT_OUT 2')
  })

  test('may bring a new asset of the configuration, whose first index is not checked', () => {
    const grown = { assets: [1n, 2n, 3n] }
    expect(answer([...same, [3n, 1n << 60n]], grown)).toBe('accepted')
    expect(answer([...same, [3n, 0n]])).toBe('NOT_CONFIGURED 3')
  })

  test('is sorted, each asset once', () => {
    expect(
      answer([
        [2n, 20n],
        [1n, 10n],
      ]),
    ).toBe('NOT_SORTED 1')
    expect(answer([...same, [2n, 20n]])).toBe('NOT_SORTED 2')
  })

  test('needs a price for every asset that had an index', () => {
    expect(answer(same, { prices: new Map([[1n, price]]) })).toBe('PRICE_UNKNOWN 2')
  })

  test('is not before the exchange’s time, but may be at it', () => {
    expect(answer(same, {}, at(1_002_999))).toBe('BEFORE_SYSTEM_TIME ')
    expect(answer(same, {}, at(1_003_000))).toBe('accepted')
  })

  test('has indexes of 64 bits', () => {
    expect(
      answer([
        [1n, 1n << 63n],
        [2n, 20n],
      ]),
    ).toBe('INDEX_OUT_OF_RANGE 1')
  })
})

describe('a FUNDING_TICK that we build', () => {
  test('moves each by its rate, within 95 % of the cap, and brings new assets at zero', () => {
    const rates = new Map([
      [1n, new Decimal('0.0001')],
      [2n, new Decimal('-0.01')],
    ])
    const allowed = -891_834_497_451n
    expect(buildStarkexFundingTick(anExchange({ assets: [3n, 1n, 2n] }), rates, now)).toEqual({
      ticks: [
        { assetId: 1n, fundingIndex: 100_000_000_010n },
        { assetId: 2n, fundingIndex: 20n + allowed },
        { assetId: 3n, fundingIndex: 0n },
      ],
      clamped: [{ assetId: 2n, wanted: -10_000_000_000_000n, allowed }],
      unrated: [],
      unpriced: [],
    })
  })

  test('says whose rate or price it lacks', () => {
    const exchange = anExchange({ prices: new Map([[1n, price]]) })
    expect(
      buildStarkexFundingTick(exchange, new Map([[2n, new Decimal('0.1')]]), now),
    ).toMatchObject({ unrated: [1n], unpriced: [2n], ticks: [{}, { fundingIndex: 20n }] })
  })

  const i64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })
  const someIndices = fc
    .uniqueArray(fc.tuple(fc.bigInt({ min: 0n, max: 50n }), i64), { selector: ([id]) => id })
    .map((entries) => new Map(entries))

  test('could be proven, whatever the exchange and the rates are', () => {
    const rate = fc
      .integer({ min: -(10 ** 9), max: 10 ** 9 })
      .map((part) => new Decimal(`${part}e-8`))
    const prices = fc.bigInt({ min: 1n, max: (1n << 64n) - 1n })
    fc.assert(
      fc.property(someIndices, rate, prices, (indices, one, each) => {
        const assets = [...indices.keys(), 60n]
        const exchange = anExchange({
          indices,
          assets,
          prices: new Map(assets.map((id) => [id, each])),
        })
        const rates = new Map(assets.map((id) => [id, one]))
        const { ticks } = buildStarkexFundingTick(exchange, rates, now)
        expect(judgeStarkexFundingTick(exchange, { at: now, ticks })).toEqual({ kind: 'accepted' })
      }),
    )
  })
})
