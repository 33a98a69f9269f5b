import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { LiquidationView } from '../../../lib/domain/liquidation/in-turn.ts'
import type { EvmLiquidationLook } from '../../../lib/domain/liquidation/liquidation-look.ts'
import { planEvmLiquidations } from '../../../lib/domain/liquidation/plan-evm-liquidations.ts'
import { type Account, healthOf } from '../../../lib/domain/margin/account.ts'
import { judgeEvmLiquidation } from '../../../lib/domain/margin/evm-liquidation.ts'
import { evmMargin } from '../../../lib/domain/margin/evm-margin.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const usd = 1_000_000n
const unit = 10n ** 18n
const now = timestamp(1_700_000_000_000)

/** Longs of a whole bitcoin at 1,000 dollars; 2.5 % must be left of it. */
function anAccount(id: string, left: bigint, size = unit): Account {
  const value = (size * 1_000n * usd) / unit
  return {
    id,
    collateral: left - value,
    holdings: [{ asset: '0xb', balance: size, fundingIndex: 0n, cost: value }],
  }
}

function aLook(change: Partial<EvmLiquidationLook> = {}): EvmLiquidationLook {
  return {
    kind: 'evm-engine',
    block: { number: 7, hash: '0x7', time: now },
    paused: false,
    from: timestamp(0),
    book: {
      unit: 10n ** 30n,
      marks: {
        '0xb': {
          price: 1_000n * 10n ** 18n,
          fundingIndex: 0n,
          initialMarginBps: 500n,
          maintenanceMarginBps: 250n,
          penaltyBps: 100n,
        },
      },
    },
    rules: { liquidatorShareBps: 5_000n, closeFactorBps: 5_000n, smallPosition: 100n * usd },
    insuranceFund: 1_000n * usd,
    markets: { '0xb': parseMarket('BTC-USD') },
    dollar: usd,
    liquidator: { id: 'us', collateral: 100_000n * usd, holdings: [] },
    ...change,
  }
}

function planned(
  candidates: readonly Account[],
  change: Partial<LiquidationView<EvmLiquidationLook>> = {},
) {
  return planEvmLiquidations({
    look: aLook(),
    candidates,
    inFlight: new Set(),
    resting: new Set(),
    budgetPermille: 1_000,
    policy: { mostPerSlot: 50, mostNotionalUsd: 1_000_000, leastRewardUsd: 0 },
    slot: 3,
    ...change,
  })
}

const who = ({ parts }: ReturnType<typeof planned>) => parts.map(({ account }) => account)

describe('who is liquidated', () => {
  test('is below the requirement: not at it, and nobody above', () => {
    const plan = planned([anAccount('at', 25n * usd), anAccount('below', 25n * usd - 1n)])
    expect([who(plan), plan.liquidatable]).toEqual([['below'], 1])
  })

  test('half of a position where that is enough, all of it where the account is far gone', () => {
    const { parts } = planned([anAccount('near', 20n * usd), anAccount('far', 12n * usd)])
    expect(Object.fromEntries(parts.map(({ account, size }) => [account, size]))).toEqual({
      near: unit / 2n,
      far: unit,
    })
  })

  test('what is expected is what the contract pays: 1 % of the notional, half of it to us', () => {
    const [part] = planned([anAccount('far', 12n * usd)]).parts
    expect(part).toMatchObject({
      market: 'BTC-USD',
      base: -unit,
      cash: 1_000n * usd,
      penalty: 10n * usd,
      reward: 5n * usd,
      cover: 0n,
    })
  })

  test('less than nothing comes first, and is taken also where it brings nothing', () => {
    const policy = { mostPerSlot: 50, mostNotionalUsd: 1_000_000, leastRewardUsd: 6 }
    const plan = planned([anAccount('far', 12n * usd), anAccount('broke', -5n * usd)], { policy })
    expect(who(plan)).toEqual(['broke'])
    expect(plan.skipped).toEqual([{ account: 'far', why: 'reward' }])
    expect(plan.parts[0]?.cover).toBe(5n * usd)
  })

  test('what the insurance fund cannot pay is for deleveraging', () => {
    // A thousandth of it would need 0.29 dollars.
    const look = aLook({ insuranceFund: usd / 5n })
    const plan = planned([anAccount('broke', -300n * usd)], { look })
    expect([who(plan), plan.uncovered]).toEqual([[], ['broke']])
  })

  test('as much of an account as the insurance fund can pay is taken', () => {
    // Four dollars of three hundred: a seventy-fifth.
    const look = aLook({ insuranceFund: 4n * usd })
    const [part] = planned([anAccount('broke', -300n * usd)], { look }).parts
    const most = unit / 75n
    expect(part?.size).toBeLessThanOrEqual(most)
    expect(part?.size).toBeGreaterThan(most - unit / 128n / 64n)
    expect(part?.cover).toBeLessThanOrEqual(4n * usd)
  })

  test('the fund is not counted twice: what one takes is gone for the next', () => {
    const look = aLook({ insuranceFund: 9n * usd })
    const plan = planned([anAccount('one', -8n * usd), anAccount('two', -8n * usd)], { look })
    const covered = plan.parts.reduce((sum, { cover }) => sum + cover, 0n)
    expect(covered <= 9n * usd).toBe(true)
  })

  test('a liquidator with little money takes a part', () => {
    const look = aLook({ liquidator: { id: 'us', collateral: 15n * usd, holdings: [] } })
    const [part] = planned([anAccount('far', 12n * usd)], { look }).parts
    // 15 dollars and half of 1 % of what is taken must be 5 % of it.
    const most = unit / 3n
    expect(part?.size).toBeLessThanOrEqual(most)
    expect(part?.size).toBeGreaterThan(most - unit / 4n / 64n)
  })

  test('not who is on the way already, nor who rests', () => {
    const all = ['a', 'b', 'c'].map((id) => anAccount(id, 12n * usd))
    const plan = planned(all, { inFlight: new Set(['a']), resting: new Set(['b']) })
    expect(who(plan)).toEqual(['c'])
    expect(plan.skipped).toEqual(
      expect.arrayContaining([
        { account: 'a', why: 'in-flight' },
        { account: 'b', why: 'resting' },
      ]),
    )
  })

  test('not more than the budgets, and after a stall only a part of them; but less than nothing always', () => {
    const all = Array.from({ length: 40 }, (_, at) => anAccount(`a${at}`, 12n * usd))
    const policy = { mostPerSlot: 16, mostNotionalUsd: 1_000_000, leastRewardUsd: 0 }
    expect(who(planned(all, { policy }))).toHaveLength(16)
    expect(who(planned(all, { policy, budgetPermille: 125 }))).toHaveLength(2)
    const broke = Array.from({ length: 5 }, (_, at) => anAccount(`b${at}`, -1n * usd))
    const plan = planned([...all, ...broke], { policy, budgetPermille: 0 })
    expect(who(plan).filter((id) => id.startsWith('b'))).toHaveLength(5)
    const small = { mostPerSlot: 50, mostNotionalUsd: 3_500, leastRewardUsd: 0 }
    expect(who(planned(all, { policy: small }))).toHaveLength(3)
  })

  test('beyond the budget others have their turn in the next slot', () => {
    const all = Array.from({ length: 40 }, (_, at) => anAccount(`a${at}`, 12n * usd))
    const policy = { mostPerSlot: 4, mostNotionalUsd: 1_000_000, leastRewardUsd: 0 }
    const seen = new Set([1, 2, 3, 4, 5, 6].flatMap((slot) => who(planned(all, { policy, slot }))))
    expect(seen.size).toBeGreaterThan(12)
  })

  test('an account in a market without a fresh price is left alone', () => {
    const look = aLook({ book: { unit: 10n ** 30n, marks: {} } })
    expect(planned([anAccount('far', 12n * usd)], { look })).toMatchObject({
      parts: [],
      liquidatable: 0,
    })
  })

  test('in whatever order it says, the contract takes each after the ones before, and nobody healthy is touched', () => {
    const left = fc.bigInt(-100n * usd, 60n * usd)
    const size = fc.bigInt(unit / 50n, 4n * unit)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(left, size), { maxLength: 30 }),
        fc.bigInt(0n, 500n * usd),
        (all, fund) => {
          const accounts = all.map(([money, amount], at) => anAccount(`a${at}`, money, amount))
          const look = aLook({ insuranceFund: fund })
          let { liquidator, insuranceFund } = look
          for (const part of planned(accounts, { look }).parts) {
            const account = accounts.find(({ id }) => id === part.account)
            if (!account) throw new TypeError('it liquidates somebody else')
            const margin = evmMargin(account, look.book)
            expect(margin.kind === 'margin' && healthOf(margin) !== 'healthy').toBe(true)
            const verdict = judgeEvmLiquidation({
              ...look,
              insuranceFund,
              account,
              liquidator,
              asset: part.asset,
              size: part.size,
            })
            if (verdict.kind !== 'accepted') throw new TypeError(verdict.reason)
            expect(verdict.settlement.reward).toBe(part.reward)
            ;({ liquidator, insuranceFund } = verdict)
            expect(insuranceFund >= 0n).toBe(true)
          }
        },
      ),
    )
  })
})
