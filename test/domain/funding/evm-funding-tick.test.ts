import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { Decimal } from '../../../lib/domain/decimal.ts'
import {
  buildEvmFundingTick,
  evmEpochAt,
  type EvmFunding,
  type EvmFundingCall,
  type EvmFundingMarket,
  judgeEvmFundingTick,
} from '../../../lib/domain/funding/evm-funding-tick.ts'
import { at } from './a-core.ts'

const btc = '0x01'
const eth = '0x02'
const e18 = 10n ** 18n
const cap = 10n ** 16n
const ago = (seconds: number) => at(3_600 * 500 + 60 - seconds)
const now = ago(0)

function aMarket(changes: Partial<EvmFundingMarket> = {}): EvmFundingMarket {
  return {
    feedId: btc,
    isListed: true,
    price: 1_000n * e18,
    publishedAt: now,
    maxPriceAgeSeconds: 60,
    maxFundingRate: cap,
    fundingEpoch: 499,
    fundingIndex: 7n,
    ...changes,
  }
}

function anEngine(changes: Partial<EvmFunding> = {}): EvmFunding {
  return {
    paused: false,
    isOperator: true,
    epochSeconds: 3_600,
    markets: [aMarket(), aMarket({ feedId: eth })],
    ...changes,
  }
}

const answer = (engine: EvmFunding, call: EvmFundingCall) => {
  const verdict = judgeEvmFundingTick(engine, call, now)
  return verdict.kind === 'refused' ? verdict.reason : verdict.indexes
}
const one = (rate: bigint, feedId: `0x${string}` = btc) => ({
  epoch: 500,
  rates: [{ feedId, rate }],
})

// The same cases that infra/contracts/evm-engine/Funding.sol answers in its own tests.
describe('a tickFunding judged before it is sent', () => {
  test('adds rate times price to the index, rounded down', () => {
    expect(answer(anEngine(), one(-3n))).toEqual([7n - 3_000n])
    const cheap = anEngine({ markets: [aMarket({ price: e18 / 2n })] })
    expect(answer(cheap, one(-3n))).toEqual([7n - 2n])
  })

  test('is for the epoch that is now', () => {
    expect(evmEpochAt(now, 3_600)).toBe(500)
    for (const epoch of [499, 501])
      expect(answer(anEngine(), { ...one(0n), epoch })).toBe('WrongEpoch')
  })

  test('is for a market once, in one call too', () => {
    expect(answer(anEngine({ markets: [aMarket({ fundingEpoch: 500 })] }), one(0n))).toBe(
      'FundingAlreadyTicked',
    )
    const twice = { epoch: 500, rates: [...one(0n).rates, ...one(0n).rates] }
    expect(answer(anEngine(), twice)).toBe('FundingAlreadyTicked')
  })

  test('keeps to the market’s cap, both ways', () => {
    for (const rate of [cap, -cap]) expect(answer(anEngine(), one(rate))).toHaveLength(1)
    for (const rate of [cap + 1n, -cap - 1n])
      expect(answer(anEngine(), one(rate))).toBe('FundingRateTooHigh')
  })

  test('needs a price that is not too old', () => {
    expect(
      answer(anEngine({ markets: [aMarket({ publishedAt: ago(60) })] }), one(0n)),
    ).toHaveLength(1)
    expect(answer(anEngine({ markets: [aMarket({ publishedAt: ago(61) })] }), one(0n))).toBe(
      'StalePrice',
    )
  })

  test('is the operator’s, of listed markets, while the engine runs', () => {
    expect(answer(anEngine({ isOperator: false, paused: true }), one(0n))).toBe('NotOperator')
    expect(answer(anEngine({ paused: true }), one(0n))).toBe('EnginePaused')
    expect(answer(anEngine(), { epoch: 500, rates: [] })).toBe('EmptyBatch')
    expect(answer(anEngine(), one(0n, '0x03'))).toBe('UnknownMarket')
    expect(answer(anEngine({ markets: [aMarket({ isListed: false })] }), one(0n))).toBe(
      'UnknownMarket',
    )
  })

  test('leaves the index a number of 192 bits', () => {
    const most = (1n << 191n) - 1n
    const full = anEngine({ markets: [aMarket({ fundingIndex: most })] })
    expect(answer(full, one(1n))).toBe('IndexOverflow')
    expect(answer(full, one(0n))).toEqual([most])
    const least = -(1n << 191n)
    const empty = anEngine({ markets: [aMarket({ fundingIndex: least })] })
    expect(answer(empty, one(-1n))).toBe('IndexOverflow')
    expect(answer(empty, one(0n))).toEqual([least])
  })
})

describe('a tickFunding that we build', () => {
  test('has each market’s rate, within its cap, and tells whom that changed', () => {
    const rates = new Map<`0x${string}`, Decimal>([
      [btc, new Decimal('0.0001')],
      [eth, new Decimal('-0.02')],
    ])
    expect(buildEvmFundingTick(anEngine(), rates, now)).toEqual({
      call: {
        epoch: 500,
        rates: [
          { feedId: btc, rate: 10n ** 14n },
          { feedId: eth, rate: -cap },
        ],
      },
      clamped: [{ feedId: eth, wanted: -2n * cap, allowed: -cap }],
      leftOut: [],
    })
  })

  test('leaves out what it cannot tick, and says why', () => {
    const engine = anEngine({
      markets: [
        aMarket({ fundingEpoch: 500 }),
        aMarket({ feedId: eth, publishedAt: at(0) }),
        aMarket({ feedId: '0x03' }),
        aMarket({ feedId: '0x04', isListed: false }),
      ],
    })
    const rates = new Map<`0x${string}`, Decimal>([
      [btc, new Decimal('0.0001')],
      [eth, new Decimal('0.0001')],
    ])
    expect(buildEvmFundingTick(engine, rates, now)).toEqual({
      call: { epoch: 500, rates: [] },
      clamped: [],
      leftOut: [
        { feedId: btc, why: 'ticked-already' },
        { feedId: eth, why: 'stale-price' },
        { feedId: '0x03', why: 'unrated' },
      ],
    })
  })

  test('is accepted, whatever the markets and rates are', () => {
    const market = fc.record({
      isListed: fc.boolean(),
      price: fc.bigInt({ min: 1n, max: (1n << 112n) - 1n }),
      age: fc.integer({ min: 0, max: 120 }),
      maxFundingRate: fc.bigInt({ min: 0n, max: 10n ** 17n }),
      fundingEpoch: fc.integer({ min: 0, max: 501 }),
      rate: fc.integer({ min: -(10 ** 9), max: 10 ** 9 }),
    })
    fc.assert(
      fc.property(fc.array(market, { maxLength: 6 }), (some) => {
        const named = some.map((fields, index) => ({ ...fields, feedId: `0x${index}` as const }))
        const markets = named.map(
          ({ feedId, isListed, price, age, maxFundingRate, fundingEpoch }) =>
            aMarket({
              feedId,
              isListed,
              price,
              maxFundingRate,
              fundingEpoch,
              publishedAt: ago(age),
            }),
        )
        const rates = new Map(named.map(({ feedId, rate }) => [feedId, new Decimal(`${rate}e-8`)]))
        const engine = anEngine({ markets })
        const { call, leftOut } = buildEvmFundingTick(engine, rates, now)
        const wanted = call.rates.length === 0 ? 'EmptyBatch' : 'accepted'
        const verdict = judgeEvmFundingTick(engine, call, now)
        expect(verdict.kind === 'refused' ? verdict.reason : verdict.kind).toBe(wanted)
        const listed = markets.filter(({ isListed }) => isListed)
        expect(call.rates.length + leftOut.length).toBe(listed.length)
      }),
    )
  })
})
