import { describe, expect, test } from 'vitest'

import { Decimal } from '../../../lib/domain/decimal.ts'
import type { InterestLook } from '../../../lib/domain/interest/interest-look.ts'
import {
  type InterestPlanView,
  type InterestPosition,
  planInterests,
} from '../../../lib/domain/interest/plan-interests.ts'
import { interestBase } from '../../../lib/domain/margin/interest.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { big, clockOf } from '../margin/recorded-calls.ts'
import { judged, positionOf, stateOf, titled, vectorsOf } from '../margin/recorded.ts'

const now = 1_800_000_000n
const hour = 3_600n
const day = 86_400n
const usd = 1_000_000n

function aLook({
  clock,
  ...change
}: Partial<Omit<InterestLook, 'clock'>> & {
  readonly clock?: Partial<InterestLook['clock']>
} = {}): InterestLook {
  return {
    block: { number: 7, hash: '0x07', time: timestamp(Number(now) * 1000) },
    paused: false,
    isOperator: true,
    marks: {},
    pricedAt: {},
    lastFundingTick: now,
    maxFundingInterval: day,
    lastPriceValidation: now,
    maxPriceInterval: day,
    ...change,
    clock: {
      now,
      exchangeTime: now,
      lastUpdate: now,
      // 1200 / 2^32 of it a second, as on the exchange's own test network: 0.1 % an hour.
      maxRatePerSecond: 1_200n,
      divergence: 0n,
      ...clock,
    },
  }
}

function cash(id: string, dollars: bigint, lastApplied = now - hour): InterestPosition {
  return { account: { id, collateral: dollars * usd, holdings: [] }, lastApplied }
}

function aView(change: Partial<InterestPlanView> = {}): InterestPlanView {
  return {
    look: aLook(),
    collateral: parseMarket('USDC-USD'),
    everySeconds: hour,
    leastAmount: 10_000n,
    // 8.76 % a year is 0.001 % an hour.
    rates: { credit: new Decimal('0.0876'), debit: new Decimal('0.0876'), holdings: {} },
    positions: [],
    ...change,
  }
}

function planned(change: Partial<InterestPlanView>) {
  const plan = planInterests(aView(change))
  if (plan.kind !== 'plan') throw new Error(plan.reason)
  return plan
}

const amounts = (plan: ReturnType<typeof planned>) =>
  plan.parts.map(({ account, amount }) => `${account} ${amount}`)

describe('who is paid interest, and how much', () => {
  test('cash gets, and debts pay, the rate for the time since their last interest', () => {
    const positions = [
      cash('100', 10_000n),
      cash('101', -20_000n),
      cash('102', 10_000n, now - 3n * hour),
    ]
    // An hour of 10,000 USD brings 0.10 USD; those who pay come first, then who waited longest.
    expect(amounts(planned({ positions }))).toEqual(['101 -200000', '102 300000', '100 100000'])
  })

  test('nobody is due before the interval is over, nor for less than the least amount', () => {
    const early = cash('100', 10_000n, now - hour + 1n)
    const small = cash('101', 999n)
    expect(amounts(planned({ positions: [early, small] }))).toEqual([])
    expect(amounts(planned({ positions: [cash('101', 1_000n)] }))).toEqual(['101 10000'])
  })

  test('a rate above the contract’s is paid nearly up to its limit', () => {
    const rates = { credit: new Decimal(100), debit: new Decimal(100), holdings: {} }
    const plan = planned({ positions: [cash('100', 10_000n)], rates })
    // floor(10^10 · 3600 · 1200 / 2^32) = 10,058,283; 95 % of it.
    expect(amounts(plan)).toEqual(['100 9555368'])
    expect(plan.capped).toEqual(['100'])
  })

  const recorded = vectorsOf('D', 'apply_interests').filter(({ case: name }) =>
    /^(?:receives|pays)_cap$/.test(name),
  )
  test.skipIf(recorded.length === 0)(
    titled('of positions as the real contract had them, 95 % of the most that it took are paid'),
    () => {
      let owed = 0
      for (const vector of recorded) {
        const pre = vector.pre ?? {}
        const [id = '', state] = Object.entries(pre['positions'] ?? {})[0] ?? []
        const { account, marks } = judged('D', id, positionOf('D', state))
        const last = (stateOf('D', state) as Record<string, unknown>)['last_interest_applied_time']
        const [asked] = (vector.call?.['position_interest_amounts'] ?? []) as readonly Record<
          string,
          unknown
        >[]
        const most = big(asked?.['interest_amount'])
        const clock = clockOf(pre)
        const look = {
          ...aLook(),
          clock,
          marks,
          lastFundingTick: clock.now,
          lastPriceValidation: clock.now,
        }
        // So much that the limit holds, and as the recording has it the exchange's time stays.
        const rates = { credit: new Decimal(9_000), debit: new Decimal(9_000), holdings: {} }
        const everySeconds = clock.exchangeTime - big(last)
        const positions = [{ account, lastApplied: big(last) }]
        const plan = planInterests(aView({ look, rates, positions, everySeconds, leastAmount: 1n }))
        const size = ((most < 0n ? -most : most) * 9_500n) / 10_000n
        const paid = { account: id, amount: most < 0n ? -size : size }
        // Where money and cash have other signs the contract takes a payment that nobody owes.
        const money = interestBase(account, marks)
        const isOwed = typeof money === 'bigint' && money > 0n === account.collateral > 0n
        expect([vector.id, plan]).toMatchObject([vector.id, { parts: isOwed ? [paid] : [] }])
        owed += isOwed ? 1 : 0
      }
      expect(owed).toBeGreaterThan(5)
    },
  )

  test('a holding’s own rate is taken off, and who then would pay on cash is left out by name', () => {
    const asset = '0x1b'
    const mark = {
      kind: 'synthetic',
      price: 1n << 28n,
      fundingIndex: 0n,
      riskFactorTiers: [10n],
      firstTierBoundary: 1n,
      tierSize: 1n,
    } as const
    const look = aLook({ marks: { [asset]: mark }, pricedAt: { [asset]: now } })
    const rates = {
      ...aView().rates,
      holdings: { [asset]: { long: new Decimal('0.2628'), short: new Decimal(0) } },
    }
    const long = (id: string, dollars: bigint): InterestPosition => {
      const holdings = [{ asset, balance: dollars * usd, fundingIndex: 0n }]
      return { account: { ...cash(id, 10_000n).account, holdings }, lastApplied: now - hour }
    }
    const plan = planned({ look, rates, positions: [long('100', 4_000n), long('101', 14_000n)] })
    // 0.14 USD for 14,000 of money less 0.12 for 4,000 of the holding; 0.24 less 0.42 would be a payment.
    expect(amounts(plan)).toEqual(['100 20000'])
    expect(plan.refused).toEqual([{ account: '101', why: 'INTEREST_SIGN_MISMATCH' }])
  })

  test('profits of synthetics count, and where cash and money have other signs nobody is due', () => {
    const asset = '0x1b'
    const mark = {
      kind: 'synthetic',
      price: 1n << 28n,
      fundingIndex: 0n,
      riskFactorTiers: [10n],
      firstTierBoundary: 1n,
      tierSize: 1n,
    } as const
    const look = aLook({ marks: { [asset]: mark }, pricedAt: { [asset]: now } })
    const holder = (id: string, cashUsd: bigint, heldUsd: bigint): InterestPosition => ({
      account: {
        id,
        collateral: cashUsd * usd,
        holdings: [{ asset, balance: heldUsd * usd, fundingIndex: 0n }],
      },
      lastApplied: now - hour,
    })
    const short = holder('100', 110_000n, -100_000n)
    const long = holder('101', -90_000n, 100_000n)
    const ruined = holder('102', -110_000n, 100_000n)
    const plan = planned({ look, positions: [short, long, ruined] })
    // 10,000 USD of money each way; the contract takes nothing of the long, whose cash is below zero.
    expect(amounts(plan)).toEqual(['102 -100000', '100 100000'])
    expect(plan.refused).toEqual([])
  })

  test('a position that never had interest is left out by name, the rest goes', () => {
    const plan = planned({ positions: [cash('100', 10_000n, 0n), cash('101', 10_000n)] })
    expect(amounts(plan)).toEqual(['101 100000'])
    expect(plan.refused).toEqual([{ account: '100', why: 'INVALID_INTEREST_RATE' }])
  })

  test('where the sum of all interest is near its limit, those who bring it back come first', () => {
    const clock = { divergence: 10n ** 11n - 50_000n }
    const both = [cash('100', 10_000n), cash('101', -20_000n)]
    expect(amounts(planned({ look: aLook({ clock }), positions: both }))).toEqual([
      '101 -200000',
      '100 100000',
    ])
    const plan = planned({ look: aLook({ clock }), positions: [cash('100', 10_000n)] })
    expect(plan.refused).toEqual([{ account: '100', why: 'Interest divergence' }])
  })

  test('what does not fit into one transaction waits', () => {
    const positions = Array.from({ length: 200 }, (_, at) => cash(String(100 + at), 10_000n))
    const plan = planned({ positions })
    // 2.5 million of L2 gas each, and 300 million in all.
    expect([plan.parts.length, plan.waiting]).toEqual([120, 80])
  })
})

describe('the exchange’s time', () => {
  test('stays where everybody is due by it', () => {
    const look = aLook({ clock: { exchangeTime: now - 60n } })
    const plan = planned({ look, positions: [cash('100', 10_000n, now - 60n - hour)] })
    expect([amounts(plan), plan.exchangeTime]).toEqual([['100 100000'], undefined])
  })

  test('is brought to the block’s in the same transaction where somebody is due only then', () => {
    const look = aLook({ clock: { exchangeTime: now - 60n, lastUpdate: now - 60n } })
    const plan = planned({ look, positions: [cash('100', 10_000n)] })
    expect([amounts(plan), plan.exchangeTime]).toEqual([['100 100000'], now])
  })

  test('is brought to the block’s where the contract would take no interest soon, or takes none any more', () => {
    const positions = [cash('100', 10_000n, now - 3n * day)]
    for (const age of [day - hour + 1n, 2n * day]) {
      const look = aLook({ clock: { exchangeTime: now - age, lastUpdate: now - age } })
      expect(planned({ look, positions }).exchangeTime).toBe(now)
    }
  })

  test('stays where nobody is due', () => {
    const look = aLook({ clock: { exchangeTime: now - 2n * day, lastUpdate: now - 2n * day } })
    expect(planned({ look, positions: [] }).exchangeTime).toBeUndefined()
  })
})

describe('nothing is paid', () => {
  test.for([
    { reason: 'PAUSED', change: { paused: true } },
    { reason: 'FUNDING_EXPIRED', change: { lastFundingTick: now - day - 1n } },
    { reason: 'ONLY_OPERATOR', change: { isOperator: false } },
  ] as const)('where the contract would say $reason', ({ reason, change }) => {
    const look = aLook(change)
    expect(planInterests(aView({ look, positions: [cash('100', 10_000n)] }))).toEqual({
      kind: 'refused',
      reason,
    })
  })

  test('where prices were not looked through for too long and one of them is too old', () => {
    const mark = {
      kind: 'spot',
      price: 1n,
      fundingIndex: 0n,
      riskFactorTiers: [10n],
      firstTierBoundary: 1n,
      tierSize: 0n,
    } as const
    const old = { marks: { '0x1b': mark }, pricedAt: { '0x1b': now - day - 1n } }
    const positions = [cash('100', 10_000n)]
    const late = aLook({ ...old, lastPriceValidation: now - day - 1n })
    expect(planInterests(aView({ look: late, positions }))).toEqual({
      kind: 'refused',
      reason: 'SYNTHETIC_EXPIRED_PRICE',
    })
    expect(planInterests(aView({ look: aLook(old), positions }))).toMatchObject({ kind: 'plan' })
  })
})
