import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { Decimal } from '../../../lib/domain/decimal.ts'
import { evmEpochAt } from '../../../lib/domain/funding/evm-funding-tick.ts'
import { type FundingLook, lastSettledAt } from '../../../lib/domain/funding/funding-look.ts'
import type { FundingVote } from '../../../lib/domain/funding/funding-vote.ts'
import type { LatePolicy } from '../../../lib/domain/funding/late-epoch.ts'
import {
  epochAt,
  type FundingPlan,
  type FundingPolicy,
  type FundingView,
  planFunding,
} from '../../../lib/domain/funding/plan-funding.ts'
import { timestamp, type Timestamp } from '../../../lib/domain/time.ts'

const epoch = 500_000
const hour = 3_600
const beginning = timestamp(epoch * hour * 1000)
const after = (seconds: number): Timestamp => timestamp(beginning + seconds * 1000)
const block = (time: Timestamp) => ({ number: 7, hash: '0x7', time }) as const

const policy: FundingPolicy = {
  epochSeconds: hour,
  slotSeconds: 60,
  samples: { minSamples: 10, minVotes: 1, missing: 'zero', average: 'mean' },
  late: { kind: 'cap', maxSeconds: 2 * hour },
  markets: Object.fromEntries(
    ['BTC-USD', 'ETH-USD'].map((market) => [
      market,
      {
        rule: {
          kind: 'premium-only',
          damper: new Decimal(0),
          periodCap: new Decimal(1),
          periodSeconds: hour,
        },
        maxRate: new Decimal('0.01'),
        fullRangeSeconds: undefined,
      },
    ]),
  ),
}

/** Each slot of the epoch before, with these premiums. */
function votesOf(premiums: Readonly<Record<string, string>>, slots = 60): readonly FundingVote[] {
  return Array.from({ length: slots }, (_, at) => ({
    slot: (epoch - 1) * 60 + at,
    voter: 'oracle-1',
    premiums: Object.fromEntries(
      Object.entries(premiums).map(([market, premium]) => [market, new Decimal(premium)]),
    ),
  }))
}

type CoreLook = Extract<FundingLook, { kind: 'starknet-perpetual' }>

/** 100 USD a unit with 10^9 units: a stored price of 100 · 2^28 per 10^-6 USD and smallest unit, scaled down by 1000. */
const hundred = 100n << 28n

function coreLook(change: Partial<CoreLook['core']> = {}, time = after(5)): CoreLook {
  const asset = { kind: 'synthetic', status: 'active', price: hundred, pricedAt: time } as const
  return {
    kind: 'starknet-perpetual',
    block: block(time),
    activeSynthetics: 2,
    assets: { 'BTC-USD': 11n, 'ETH-USD': 5n },
    core: {
      generation: 'D',
      paused: false,
      operatorNonce: 9n,
      isOperator: true,
      lastFundingTick: after(5 - hour),
      lastPriceValidation: time,
      maxPriceIntervalSeconds: 86_400,
      // 3 % an hour.
      maxFundingRate: 35_792n,
      assets: [
        { ...asset, id: 11n, fundingIndex: 1_000n },
        { ...asset, id: 5n, fundingIndex: -70n },
      ],
      ...change,
    },
  }
}

type EvmLook = Extract<FundingLook, { kind: 'evm-engine' }>

function evmLook(change: Partial<EvmLook['engine']> = {}, time = after(5)): EvmLook {
  const market = {
    isListed: true,
    price: 100n * 10n ** 18n,
    publishedAt: time,
    maxPriceAgeSeconds: 120,
    maxFundingRate: 10n ** 16n,
    fundingEpoch: epoch - 1,
    fundingIndex: 0n,
  }
  return {
    kind: 'evm-engine',
    block: block(time),
    feeds: { 'BTC-USD': '0xb', 'ETH-USD': '0xe' },
    engine: {
      paused: false,
      isOperator: true,
      epochSeconds: hour,
      markets: [
        { ...market, feedId: '0xb' },
        { ...market, feedId: '0xe' },
      ],
      ...change,
    },
  }
}

function plan(look: FundingLook, change: Partial<FundingView> = {}): FundingPlan {
  const votes = votesOf({ 'BTC-USD': '0.001', 'ETH-USD': '-0.002' })
  return planFunding({ look, policy, votes, last: [], ...change })
}

function due(found: FundingPlan): Extract<FundingPlan, { kind: 'due' }> {
  if (found.kind !== 'due') throw new TypeError(`it is ${JSON.stringify(found)}`)
  return found
}

describe('funding of starknet-perpetual', () => {
  test('tells every active synthetic its new index: rate · price · 2^4, by contracts.md §5', () => {
    const { updates, whole, notes } = due(plan(coreLook()))
    expect(whole).toBe(true)
    expect(notes).toEqual([])
    // 0.1 % of 100 · 2^32, and -0.2 % of it, towards zero.
    expect(updates.map(({ market, before, after: index }) => [market, before, index])).toEqual([
      ['BTC-USD', 1_000n, 1_000n + 429_496_729n],
      ['ETH-USD', -70n, -70n - 858_993_459n],
    ])
  })

  test('is settled once in an epoch, however often it is looked at', () => {
    expect(plan(coreLook({ lastFundingTick: after(0) }))).toEqual({ kind: 'settled', epoch })
    expect(plan(coreLook({ lastFundingTick: after(-1) })).kind).toBe('due')
  })

  test('waits where a price is too old, a market is not listed here, or the exchange is paused', () => {
    const stale = coreLook({ lastPriceValidation: after(-90_000) })
    const [btc, eth] = stale.core.assets
    if (!btc || !eth) throw new TypeError('there are two assets')
    const assets = [btc, { ...eth, pricedAt: after(-90_000) }]
    expect(plan({ ...stale, core: { ...stale.core, assets } })).toEqual({
      kind: 'refused',
      epoch,
      reason: 'SYNTHETIC_EXPIRED_PRICE',
      detail: 'ETH-USD: SYNTHETIC_EXPIRED_PRICE',
    })
    const pending = coreLook()
    const none = pending.core.assets.map((asset) => ({ ...asset, status: 'pending' as const }))
    const begun = { ...pending, activeSynthetics: 0, core: { ...pending.core, assets: none } }
    expect(plan(begun)).toMatchObject({ kind: 'no-rate' })
    expect(plan({ ...coreLook(), activeSynthetics: 3 })).toMatchObject({
      kind: 'refused',
      reason: 'markets-missing',
      detail: expect.stringContaining('3 active synthetics') as string,
    })
    expect(plan(coreLook({ paused: true }))).toMatchObject({ kind: 'refused', reason: 'PAUSED' })
  })

  test('an asset that is not active yet, or not any more, is not in the tick', () => {
    const look = coreLook()
    const [btc, eth] = look.core.assets
    if (!btc || !eth) throw new TypeError('there are two assets')
    for (const status of ['pending', 'inactive'] as const) {
      const core = { ...look.core, assets: [btc, { ...eth, status }] }
      const { updates } = due(plan({ ...look, core, activeSynthetics: 1 }))
      expect(updates.map(({ market }) => market)).toEqual(['BTC-USD'])
    }
  })

  test('with too few samples the index stays, and the clock of funding goes on', () => {
    const votes = votesOf({ 'BTC-USD': '0.001', 'ETH-USD': '-0.002' }, 9)
    const { updates, notes } = due(plan(coreLook(), { votes }))
    expect(updates.map(({ before, after: index }) => index - before)).toEqual([0n, 0n])
    expect(notes).toEqual([
      'BTC-USD: 9 of 60 samples, 10 are needed; its index stays',
      'ETH-USD: 9 of 60 samples, 10 are needed; its index stays',
    ])
  })

  test.each([
    [{ kind: 'forgive', afterSeconds: 30 }, 0, 'forgiven'],
    [{ kind: 'cap', maxSeconds: 2 * hour }, 2 * hour, 'forgiven'],
    [{ kind: 'amortise', epochs: 5 }, 2 * hour, 'paid for later'],
  ] as const)('after six hours without a tick %j pays %d s', (late: LatePolicy, seconds, told) => {
    const look = coreLook({ lastFundingTick: after(5 - 6 * hour) })
    const { updates, notes } = due(plan(look, { policy: { ...policy, late } }))
    const [btc] = updates
    expect(btc?.rate.toFixed()).toBe(new Decimal('0.001').mul(seconds).div(hour).toFixed())
    expect(notes.some((note) => note.includes(told))).toBe(true)
  })

  test('what is owed is paid in the epochs that follow, and no more than that', () => {
    const late = { kind: 'amortise', epochs: 5 } as const
    const first = due(
      plan(coreLook({ lastFundingTick: after(5 - 6 * hour) }), { policy: { ...policy, late } }),
    )
    let paid = first.updates[0]?.rate ?? new Decimal(0)
    let last = first.updates.map((one) => ({ ...one, epoch: epoch - 1 }))
    for (let next = 0; next < 6; next += 1) {
      const again = due(plan(coreLook(), { policy: { ...policy, late }, last }))
      paid = paid.add(again.updates[0]?.rate ?? 0)
      last = again.updates.map((one) => ({ ...one, epoch: epoch - 1 }))
    }
    // Six hours that were missed, and six that were not.
    expect(paid.toFixed()).toBe('0.012')
  })

  test('never tells a change that the contract would refuse, whatever prices and premiums are', () => {
    const premium = fc.double({ min: -0.5, max: 0.5, noNaN: true })
    fc.assert(
      fc.property(
        premium,
        fc.bigInt(1n, 1n << 55n),
        fc.integer({ min: 1, max: 9_000 }),
        (p, price, gap) => {
          const look = coreLook({ lastFundingTick: after(5 - gap) })
          const assets = look.core.assets.map((asset) => ({ ...asset, price }))
          const found = plan(
            { ...look, core: { ...look.core, assets } },
            { votes: votesOf({ 'BTC-USD': p.toFixed(9), 'ETH-USD': (-p).toFixed(9) }) },
          )
          if (found.kind === 'settled') return
          for (const { before, after: index } of due(found).updates) {
            const most = ((price * 35_792n) >> 28n) * BigInt(gap)
            const change = index - before
            expect((change < 0n ? -change : change) <= most).toBe(true)
          }
        },
      ),
    )
  })
})

describe('funding of the EVM engine', () => {
  test('tells each market its rate, and foresees its index as the contract floors it', () => {
    const { updates, whole } = due(plan(evmLook()))
    expect(whole).toBe(false)
    expect(
      updates.map(({ market, rate, after: index }) => [market, rate.toFixed(), index]),
    ).toEqual([
      ['BTC-USD', '0.001', 10n ** 17n],
      ['ETH-USD', '-0.002', -2n * 10n ** 17n],
    ])
  })

  test('leaves out what is settled, and waits with a market whose price is too old', () => {
    const look = evmLook()
    const [btc, eth] = look.engine.markets
    if (!btc || !eth) throw new TypeError('there are two markets')
    const settled = { ...btc, fundingEpoch: epoch }
    const half = { ...look, engine: { ...look.engine, markets: [settled, eth] } }
    expect(due(plan(half)).updates.map(({ market }) => market)).toEqual(['ETH-USD'])
    const all = [settled, { ...eth, fundingEpoch: epoch }]
    expect(plan({ ...look, engine: { ...look.engine, markets: all } }).kind).toBe('settled')
    const old = { ...eth, publishedAt: after(-200) }
    const waiting = { ...look, engine: { ...look.engine, markets: [btc, old] } }
    const { updates, notes } = due(plan(waiting))
    expect(updates.map(({ market }) => market)).toEqual(['BTC-USD'])
    expect(notes).toEqual(['ETH-USD waits: its price is too old'])
  })

  test('an epoch of which too little was seen is left out', () => {
    expect(plan(evmLook(), { votes: [] })).toEqual({
      kind: 'no-rate',
      epoch,
      detail:
        'BTC-USD: 0 of 60 samples, 10 are needed; its index stays; ETH-USD: 0 of 60 samples, 10 are needed; its index stays',
    })
  })

  test('is refused where its epochs are not those of the network file', () => {
    expect(plan(evmLook({ epochSeconds: 60 }))).toMatchObject({ reason: 'other-epochs' })
  })

  test('a market that never had funding pays one epoch, not all since 1970', () => {
    const look = evmLook()
    const markets = look.engine.markets.map((market) => ({ ...market, fundingEpoch: 0 }))
    const found = due(plan({ ...look, engine: { ...look.engine, markets } }))
    expect(found.updates[0]?.rate.toFixed()).toBe('0.001')
  })

  test('the cap of a market holds beside our own', () => {
    const look = evmLook()
    const markets = look.engine.markets.map((market) => ({ ...market, maxFundingRate: 10n ** 14n }))
    const { updates, notes } = due(plan({ ...look, engine: { ...look.engine, markets } }))
    expect(updates.map(({ rate }) => rate.toFixed())).toEqual(['0.0001', '-0.0001'])
    expect(notes[0]).toBe("BTC-USD: rate 0.0001 of 0.001, which is the market's cap")
  })
})

test('an epoch begins with its first second', () => {
  expect(epochAt(beginning, hour)).toBe(epoch)
  expect(epochAt(after(-1), hour)).toBe(epoch - 1)
  expect(evmEpochAt(after(hour - 1), hour)).toBe(epoch)
})

test('the market that waits longest says when funding was settled last', () => {
  expect(lastSettledAt(coreLook())).toBe(after(5 - hour))
  expect(lastSettledAt(evmLook())).toBe(timestamp((epoch - 1) * hour * 1000))
  expect(lastSettledAt(evmLook({ markets: [] }))).toBeUndefined()
})
