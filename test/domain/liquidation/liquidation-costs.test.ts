import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { Decimal } from '../../../lib/domain/decimal.ts'
import {
  leastRewardUsd,
  type LiquidationCosts,
  liquidationCosts,
  worthOf,
} from '../../../lib/domain/liquidation/liquidation-costs.ts'
import type { LedgerRow } from '../../../lib/domain/pnl/ledger-row.ts'

const ether = 10n ** 18n
const at2000 = { price: new Decimal(2_000), decimals: 18 }

/** Rows of which only the fee counts here. */
function rows(kind: 'won' | 'no-effect' | 'missed', many: number, paid?: bigint) {
  const row = { kind, fee: { token: 'ETH', paid, usd: undefined } } as unknown as LedgerRow
  return Array.from({ length: many }, () => row)
}

function costs(change: Partial<LiquidationCosts> = {}): LiquidationCosts {
  const known = { tryUsd: new Decimal(2), won: new Decimal('0.8') }
  return { ...known, unitUsd: new Decimal(2_000).div('1e18'), ...change }
}

describe('what liquidating costs', () => {
  test('is the mean of our newest tries at the price of now', () => {
    // 0.001 and 0.003 ether: 4 dollars each, on average.
    const all = [...rows('won', 10, ether / 1_000n), ...rows('won', 10, (3n * ether) / 1_000n)]
    expect(liquidationCosts(all, at2000)?.tryUsd?.toFixed(6)).toBe('4.000000')
  })

  test('counts what brought nothing as a try, and neither what was never sent nor what others had', () => {
    const all = [
      ...rows('won', 30, ether / 1_000n),
      ...rows('no-effect', 10, ether / 1_000n),
      ...rows('no-effect', 20, 0n),
      ...rows('no-effect', 20, undefined),
      ...rows('missed', 20),
    ]
    const found = liquidationCosts(all, at2000)
    // 30 of 40, and nine of ten that are assumed.
    expect([found?.won.toFixed(2), found?.tryUsd?.toFixed(2)]).toEqual(['0.78', '2.00'])
  })

  test('is of the newest fifty', () => {
    const all = [...rows('won', 50, ether / 1_000n), ...rows('no-effect', 500, ether)]
    expect(liquidationCosts(all, at2000)).toMatchObject({ tryUsd: new Decimal(2) })
  })

  test('is not known before the first try, nor where the fee token has no price', () => {
    expect(liquidationCosts([], at2000)?.tryUsd).toBeUndefined()
    const unpriced = { price: undefined, decimals: 18 }
    expect(liquidationCosts(rows('won', 9, ether), unpriced)).toBeUndefined()
  })
})

describe('a liquidation must bring', () => {
  const policy = { leastRewardUsd: 1 }

  test('the profit that is wanted, its own try and those that bring nothing', () => {
    // Four of five tries at 2 dollars: 2.50 for each that brings something.
    expect(leastRewardUsd(policy, 5, costs())).toBe(7.5)
  })

  test('never less than what is wanted before costs', () => {
    expect(leastRewardUsd(policy, -10, costs())).toBe(1)
  })

  test('only that where nobody asks for a profit, or costs are not known', () => {
    expect(leastRewardUsd(policy, undefined, costs())).toBe(1)
    expect(leastRewardUsd(policy, 5, undefined)).toBe(1)
    expect(leastRewardUsd(policy, 5, costs({ tryUsd: undefined }))).toBe(1)
  })

  test('so much that many of them leave the profit, whatever they cost and how many fail', () => {
    const cents = fc.integer({ min: 1, max: 100_000 })
    fc.assert(
      fc.property(cents, fc.integer({ min: 1, max: 100 }), fc.nat(1_000), (fee, won, profit) => {
        const known = costs({
          tryUsd: new Decimal(fee).div(100),
          won: new Decimal(won).div(100),
        })
        const reward = new Decimal(leastRewardUsd({ leastRewardUsd: 0 }, profit, known))
        // Of a hundred tries `won` bring the reward, and a hundred are paid.
        const left = reward.mul(won).sub(known.tryUsd?.mul(100) ?? 0)
        expect(left.div(won).sub(profit).abs().lt('1e-6')).toBe(true)
      }),
    )
  })
})

describe('a transaction may cost for a part', () => {
  const dollar = 1_000_000n
  const part = { reward: 25n * dollar, cover: 0n }

  test('what it is expected to bring less the profit', () => {
    // (25 - 5) · 0.8 dollars at 2,000 for an ether.
    const most = worthOf(part, { dollar, leastProfitUsd: 5, costs: costs() })
    expect(most).toBe((8n * ether) / 1_000n)
  })

  test('nothing where it brings less than that', () => {
    expect(worthOf(part, { dollar, leastProfitUsd: 30, costs: costs() })).toBe(0n)
  })

  test('whatever the network file says where there is no profit to be made or none is asked for', () => {
    const asked = { dollar, leastProfitUsd: 5, costs: costs() }
    expect(worthOf({ reward: 0n, cover: 3n }, asked)).toBeUndefined()
    expect(worthOf(part, { ...asked, leastProfitUsd: undefined })).toBeUndefined()
    expect(worthOf(part, { ...asked, costs: undefined })).toBeUndefined()
  })
})
