import { describe, expect, test } from 'vitest'

import { Decimal } from '../../lib/domain/decimal.ts'
import type { InterestLook } from '../../lib/domain/interest/interest-look.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { decideInterests, type InterestView } from '../../lib/keepers/apply-interests.ts'
import {
  decideExchangeTime,
  type ExchangeTimeView,
} from '../../lib/keepers/update-exchange-time.ts'
import { aRefusal } from './a-suspect-lane.ts'

const now = timestamp(1_800_000_000_000)
const second = 1_800_000_000n
const collateral = parseMarket('USDC-USD')

function aLook(ageSeconds = 0n): InterestLook {
  const last = second - ageSeconds
  return {
    block: { number: 7, hash: '0x07', time: now },
    paused: false,
    isOperator: true,
    clock: {
      now: second,
      exchangeTime: last,
      lastUpdate: last,
      maxRatePerSecond: 1_200n,
      divergence: 0n,
    },
    marks: {},
    pricedAt: {},
    lastFundingTick: second,
    maxFundingInterval: 86_400n,
    lastPriceValidation: second,
    maxPriceInterval: 86_400n,
  }
}

const aTimeView = (change: Partial<ExchangeTimeView> = {}): ExchangeTimeView => ({
  engine: 'dex',
  now,
  slot: 30,
  blockSeconds: 2,
  settings: { collateral, sharePermille: 250n },
  look: aLook(21_600n),
  isOnItsWay: false,
  ...change,
})

describe('the exchange’s time', () => {
  test('is one call to the block’s time, named by its slot', () => {
    expect(decideExchangeTime(aTimeView()).actions).toEqual([
      {
        kind: 'update-exchange-time',
        engine: 'dex',
        round: 30,
        at: now,
        updates: [{ market: collateral, to: second }],
      },
    ])
  })

  test('is not sent again while it is on its way', () => {
    expect(decideExchangeTime(aTimeView({ isOnItsWay: true }))).toMatchObject({
      actions: [],
      outcome: { kind: 'done', reason: 'in-flight' },
    })
  })

  test('is not decided by a block that is too old', () => {
    const late = timestamp(now + 60_000)
    expect(decideExchangeTime(aTimeView({ now: late }))).toMatchObject({
      actions: [],
      outcome: { kind: 'refused', reason: 'chain-stalled' },
    })
  })
})

describe('interest', () => {
  const aView = (change: Partial<InterestView> = {}): InterestView => ({
    engine: 'dex',
    now,
    slot: 30,
    blockSeconds: 2,
    settings: {
      collateral,
      everySeconds: 3_600n,
      leastAmount: 1n,
      rule: { kind: 'fixed', credit: new Decimal('0.0876'), debit: new Decimal('0.0876') },
      holdings: {},
    },
    look: aLook(),
    index: { block: 7, accounts: 3, cash: 10n ** 10n, debts: 0n },
    positions: [
      {
        account: { id: '100', collateral: 10n ** 10n, holdings: [] },
        lastApplied: second - 3_600n,
      },
    ],
    isOnItsWay: false,
    ...change,
  })

  test('is one action for all who are due, named by its slot', () => {
    // 10,000 USD for an hour at 8.76 % a year.
    expect(decideInterests(aView()).actions).toEqual([
      {
        kind: 'apply-interests',
        engine: 'dex',
        round: 30,
        at: now,
        updates: [{ market: collateral, account: '100', amount: 100_000n }],
      },
    ])
  })

  test.for([
    { reason: 'in-flight', kind: 'done', change: { isOnItsWay: true } },
    { reason: 'no-positions', kind: 'refused', change: { index: undefined } },
    { reason: 'chain-stalled', kind: 'refused', change: { now: timestamp(now + 60_000) } },
    {
      reason: 'l2-suspect',
      kind: 'refused',
      change: { doubt: { lane: 'appchain', ...aRefusal } },
    },
    { reason: 'nothing-due', kind: 'done', change: { positions: [] } },
    { reason: 'PAUSED', kind: 'refused', change: { look: { ...aLook(), paused: true } } },
  ] as const)('is not paid where the word is $reason', ({ reason, kind, change }) => {
    expect(decideInterests(aView(change))).toMatchObject({
      actions: [],
      outcome: { kind, reason },
    })
  })

  test('by how much of all money is lent, decides what it is', () => {
    const rule = {
      kind: 'utilisation',
      base: new Decimal(0),
      kink: new Decimal('0.5'),
      atKink: new Decimal('0.1'),
      atFull: new Decimal(1),
      reserve: new Decimal(0),
    } as const
    const { settings } = aView()
    const index = { block: 7, accounts: 3, cash: 10n ** 10n, debts: 10n ** 9n }
    const decided = decideInterests(aView({ settings: { ...settings, rule }, index }))
    // A tenth is lent out: debts cost 2 %, and cash earns a tenth of that.
    expect(decided.outcome.detail).toContain('money earns 0.20 %, debts cost 2.00 %')
  })
})
