import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { type LiquidationPlan } from '../../../lib/domain/liquidation/in-turn.ts'
import { planStarkexDeleverage } from '../../../lib/domain/liquidation/plan-starkex-deleverage.ts'
import {
  planStarkexLiquidations,
  type StarkexLiquidationView,
} from '../../../lib/domain/liquidation/plan-starkex-liquidations.ts'
import { starkexWishes } from '../../../lib/domain/liquidation/starkex-offer.ts'
import type { Account } from '../../../lib/domain/margin/account.ts'
import { healthOf } from '../../../lib/domain/margin/account.ts'
import { starkexMargin } from '../../../lib/domain/margin/starkex-margin.ts'
import { judgeStarkexLiquidation } from '../../../lib/domain/margin/starkex-trade.ts'
import { anAccount, anOffer, aStarkexLook, now } from './starkex-look.ts'

const liquidator = anAccount('20', 100_000n)

function planned(
  candidates: readonly Account[],
  change: Partial<StarkexLiquidationView> = {},
): LiquidationPlan {
  return planStarkexLiquidations({
    look: aStarkexLook(),
    candidates,
    inFlight: new Set(),
    resting: new Set(),
    budgetPermille: 1_000,
    policy: { mostPerSlot: 10, mostNotionalUsd: 1_000_000, leastRewardUsd: 0 },
    slot: 1,
    offers: [anOffer()],
    liquidators: [liquidator],
    terms: { feeBps: 10n, discountBps: 50n, targetBps: 10_000n },
    ...change,
  })
}

const shown = ({ parts }: LiquidationPlan) =>
  parts.map(
    ({ account, asset, base, cash, starkex }) =>
      `${account} ${asset} ${base} for ${cash}, fee ${starkex?.fee}`,
  )

const why = ({ skipped }: LiquidationPlan) => skipped.map((one) => `${one.account} ${one.why}`)

describe('whom to liquidate on a StarkEx exchange', () => {
  test('just so much of a long is sold that its owner is healthy, for the mark less our discount', () => {
    // Worth 1,000 where 1,250 are required. 2,080 less cost 10 (0.5 %, rounded down), and 990 are left where 990 are required.
    const account = anAccount('1', -9_000n, { '0xa': 10_000n })
    const plan = planned([account])
    // The fee is 0.1 % of that, rounded down.
    expect(shown(plan)).toEqual(['1 0xa -2080 for 2070, fee 2'])
    expect(plan.parts[0]).toMatchObject({ reward: 8n, size: 2_080n, penalty: 0n, cover: 0n })
  })

  test('a short buys it back, for the mark and our discount', () => {
    const account = anAccount('1', 11_000n, { '0xa': -10_000n })
    const plan = planned([account], { offers: [anOffer({ isBuying: false })] })
    expect(shown(plan)).toEqual(['1 0xa 2080 for -2090, fee 2'])
  })

  test('for no more of a fee than the discount that its owner can bear, so that the liquidator loses nothing', () => {
    // It has 1 left to give, where a thousandth would be 9.
    const plan = planned([anAccount('1', -9_999n, { '0xa': 10_000n })])
    expect(shown(plan)).toEqual(['1 0xa -10000 for 9999, fee 1'])
    expect(plan.parts[0]).toMatchObject({ reward: 0n })
  })

  test('never beyond the order’s own price, nor its fee', () => {
    const account = anAccount('1', -9_000n, { '0xa': 10_000n })
    // 99.2 % of the mark: less than what our discount would leave.
    const dear = anOffer({ collateral: 9_920n, fee: 9n })
    const [part] = planned([account], { offers: [dear] }).parts
    expect(part?.cash).toBe(((part?.size ?? 0n) * 9_920n) / 10_000n)
    expect(part?.starkex?.fee).toBe((9n * (part?.cash ?? 0n)) / 9_920n)
    // Somebody who would take it for half its worth helps nobody.
    expect(why(planned([account], { offers: [anOffer({ collateral: 5_000n })] }))).toEqual([
      '1 no-order-helps',
    ])
  })

  test('the order with the best price for the owner first, as far as it goes', () => {
    const account = anAccount('1', -9_000n, { '0xa': 10_000n })
    const offers = [
      anOffer({ collateral: 9_990n }),
      anOffer({ nonce: 2n, synthetic: 500n, collateral: 500n }),
    ]
    const [part] = planned([account], {
      offers,
      terms: { feeBps: 0n, discountBps: 0n, targetBps: 10_000n },
    }).parts
    expect(part?.starkex?.order.nonce).toBe(1n)
    const filled = [anOffer({}, 9_900n)]
    expect(shown(planned([account], { offers: filled }))).toEqual(['1 0xa -100 for 100, fee 0'])
  })

  test('the next account is judged after the one before it', () => {
    const poor = anAccount('20', 400n)
    const accounts = [
      anAccount('1', -9_000n, { '0xa': 10_000n }),
      anAccount('2', -9_000n, { '0xa': 10_000n }),
    ]
    const plan = planned(accounts, { liquidators: [poor] })
    const sizes = plan.parts.map(({ size }) => size)
    // 400 and what is gained carry an eighth of about 3,200 and more, and then little is left.
    expect(sizes[0]).toBe(2_080n)
    expect((sizes[1] ?? 0n) < 2_080n).toBe(true)
  })

  test.for<readonly [string, Account, Partial<StarkexLiquidationView>, string]>([
    ['without an order', anAccount('1', -9_000n, { '0xa': 10_000n }), { offers: [] }, '1 no-order'],
    [
      'with an order for the other side alone',
      anAccount('1', -9_000n, { '0xa': 10_000n }),
      { offers: [anOffer({ isBuying: false })] },
      '1 no-order',
    ],
    [
      'with an order that runs out this hour',
      anAccount('1', -9_000n, { '0xa': 10_000n }),
      { offers: [anOffer({ expirationHours: BigInt(now) })] },
      '1 no-order',
    ],
    [
      'with less than nothing, which no order at the mark would take',
      anAccount('1', -10_100n, { '0xa': 10_000n }),
      {},
      '1 no-order-helps',
    ],
    [
      'for too small a reward',
      anAccount('1', -9_000n, { '0xa': 10_000n }),
      { policy: { mostPerSlot: 1, mostNotionalUsd: 1_000_000, leastRewardUsd: 9 } },
      '1 reward',
    ],
  ])('nobody %s', ([, account, change, words]) => {
    expect(why(planned([account], change))).toEqual([words])
  })

  test('who has less than nothing is left for deleverage, unless an order pays for it', () => {
    const account = anAccount('1', -10_100n, { '0xa': 10_000n })
    expect(planned([account]).uncovered).toEqual(['1'])
    const generous = anOffer({ collateral: 10_200n })
    const plan = planned([account], { offers: [generous] })
    expect(plan.uncovered).toEqual([])
    expect(plan.parts[0]?.cash).toBe(10_100n)
  })

  test('whatever is planned, the exchange’s rules take it and the account is no worse', () => {
    const balance = fc.bigInt({ min: -20_000n, max: 20_000n }).filter((size) => size !== 0n)
    fc.assert(
      fc.property(
        balance,
        fc.bigInt({ min: -2_000n, max: 3_000n }),
        fc.bigInt({ min: 9_000n, max: 11_000n }),
        (size, worth, collateral) => {
          const account = anAccount('1', worth - size, { '0xa': size })
          const look = aStarkexLook()
          const offers = [anOffer({ collateral, isBuying: size > 0n })]
          const { parts } = planned([account], { offers })
          for (const { asset, base, cash, starkex } of parts) {
            if (!starkex) throw new Error('it has an order')
            const { order, fee } = starkex
            const change = { asset, base, cash }
            const said = { liquidated: account, liquidator, change, fee, order, filled: 0n }
            const verdict = judgeStarkexLiquidation(look.marks, said)
            expect(verdict.kind).toBe('accepted')
            expect(fee <= ((cash < 0n ? -cash : cash) * 10n) / 10_000n).toBe(true)
          }
        },
      ),
    )
  })

  test('what is wished for is all that they hold of each asset and side, at the mark', () => {
    const accounts = [
      anAccount('1', 0n, { '0xa': 100n, '0xb': -7n }),
      anAccount('2', 0n, { '0xa': 50n }),
      anAccount('3', 0n, { '0xc': 50n }),
    ]
    expect(starkexWishes(accounts, aStarkexLook())).toEqual([
      { asset: '0xa', isBuying: true, synthetic: 150n, collateral: 150n },
      { asset: '0xb', isBuying: false, synthetic: 7n, collateral: 8n },
    ])
  })
})

describe('whose loss is shared on a StarkEx exchange', () => {
  const bankrupt = anAccount('30', -1_100n, { '0xa': 1_000n })

  function deleveraged(counterparties: readonly Account[], taken: readonly string[] = []) {
    return planStarkexDeleverage(
      {
        look: aStarkexLook(),
        bankrupt: [bankrupt],
        counterparties,
        inFlight: new Set(),
        rule: 'bitmex',
        mostPerSlot: 10,
        slot: 1,
      },
      new Set(taken),
    )
  }

  test('at the one price at which it stays as bankrupt for its risk as it was', () => {
    // -100 of 125: 500 for 550 leave -50 of 62.5, and the other 500 end it.
    const plan = deleveraged([
      anAccount('40', 5_000n, { '0xa': -500n }),
      anAccount('41', 9_000n, { '0xa': -800n }),
    ])
    expect(
      plan.parts.map(({ counterparty, size, base, quote, loss }) => [
        counterparty,
        size,
        base,
        quote,
        loss,
      ]),
    ).toEqual([
      ['40', 500n, -500n, 550n, 50n],
      ['41', 500n, -500n, 550n, 50n],
    ])
  })

  test('by nobody who could not bear it, and not where an order would still take it', () => {
    const broke = anAccount('40', 510n, { '0xa': -500n })
    const plan = deleveraged([broke, anAccount('41', 9_000n, { '0xa': -800n })])
    expect(plan.parts.map(({ counterparty, size }) => [counterparty, size])).toEqual([['41', 800n]])
    expect(plan.records[0]?.refused.map(({ account }) => account)).toContain('40')
    expect(deleveraged([anAccount('40', 5_000n, { '0xa': -500n })], ['30'])).toMatchObject({
      parts: [],
      covered: ['30'],
    })
  })

  test('until nothing is left of it', () => {
    const plan = deleveraged([anAccount('40', 5_000n, { '0xa': -2_000n })])
    expect(plan.parts).toMatchObject([{ size: 1_000n, quote: 1_100n, loss: 100n }])
    expect(
      healthOf({ ...starkexMargin(bankrupt, aStarkexLook().marks), value: -1n, requirement: 0n }),
    ).toBe('bankrupt')
  })
})
