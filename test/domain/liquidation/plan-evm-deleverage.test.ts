import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { DeleverageView } from '../../../lib/domain/liquidation/deleverage-in-turn.ts'
import type { EvmLiquidationLook } from '../../../lib/domain/liquidation/liquidation-look.ts'
import { planEvmDeleverage } from '../../../lib/domain/liquidation/plan-evm-deleverage.ts'
import { planEvmLiquidations } from '../../../lib/domain/liquidation/plan-evm-liquidations.ts'
import type { Account } from '../../../lib/domain/margin/account.ts'
import { judgeEvmDeleverage } from '../../../lib/domain/margin/evm-liquidation.ts'
import { evmMargin } from '../../../lib/domain/margin/evm-margin.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const usd = 1_000_000n
const unit = 10n ** 18n

/** Bitcoin is at 1,000 dollars. */
function aLook(insuranceFund: bigint): EvmLiquidationLook {
  return {
    kind: 'evm-engine',
    block: { number: 7, hash: '0x7', time: timestamp(1_700_000_000_000) },
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
    insuranceFund,
    markets: { '0xb': parseMarket('BTC-USD') },
    dollar: usd,
    liquidator: { id: 'us', collateral: 0n, holdings: [] },
  }
}

/** Has `left` dollars' worth in all; bought or sold at `entry`. */
function anAccount(
  id: string,
  size: bigint,
  { left, entry }: { left: bigint; entry: bigint },
): Account {
  const value = (size * 1_000n * usd) / unit
  const cost = (size * entry * usd) / unit
  return {
    id,
    collateral: left * usd - value,
    holdings: [{ asset: '0xb', balance: size, fundingIndex: 0n, cost }],
  }
}

function planned(
  {
    bankrupt,
    counterparties,
  }: Pick<DeleverageView<EvmLiquidationLook>, 'bankrupt' | 'counterparties'>,
  change: Partial<DeleverageView<EvmLiquidationLook>> & { readonly fund?: bigint } = {},
) {
  return planEvmDeleverage({
    look: aLook(change.fund ?? 0n),
    bankrupt,
    counterparties,
    inFlight: new Set(),
    rule: 'bitmex',
    mostPerSlot: 50,
    slot: 3,
    ...change,
  })
}

const broke = anAccount('broke', unit, { left: -40n, entry: 1_300n })

describe('who shares a loss that the fund cannot pay', () => {
  const shorts = [
    anAccount('little', -unit, { left: 900n, entry: 1_010n }),
    anAccount('much', -unit, { left: 300n, entry: 1_400n }),
    anAccount('loser', -unit, { left: 300n, entry: 900n }),
    anAccount('long', unit, { left: 900n, entry: 500n }),
  ]

  test('is the one with the greatest profit and leverage on the other side, and nobody else', () => {
    const { parts, records } = planned({ bankrupt: [broke], counterparties: shorts })
    expect(parts).toEqual([
      {
        market: 'BTC-USD',
        account: 'broke',
        counterparty: 'much',
        asset: '0xb',
        size: unit,
        loss: 40n * usd,
      },
    ])
    expect(records[0]).toMatchObject({ ranked: ['much', 'little'], missing: 0n, excess: 0n })
  })

  test('nobody while the fund can pay', () => {
    const plan = planned({ bankrupt: [broke], counterparties: shorts }, { fund: 40n * usd })
    expect([plan.parts, plan.covered]).toEqual([[], ['broke']])
  })

  test('whatever the fund has, an account is either liquidated or deleveraged, and never left by both', () => {
    const rich = { id: 'us', collateral: 1_000_000n * usd, holdings: [] }
    const winner = anAccount('winner', -10n * unit, { left: 9_000n, entry: 1_400n })
    const seen = { liquidated: 0, deleveraged: 0 }
    fc.assert(
      fc.property(
        fc.bigInt(unit / 100n, 3n * unit),
        fc.bigInt(-500n, -1n),
        fc.bigInt(0n, 2_000n),
        fc.bigInt(0n, 12n),
        (size, left, permille, halvings) => {
          const bankrupt = anAccount('broke', size, { left, entry: 1_500n })
          // What is left in a fund that was nearly enough, a half of it, a quarter …
          const fund = ((-left * usd * permille) / 1_000n) >> halvings
          const { parts: taken, uncovered } = planEvmLiquidations({
            look: { ...aLook(fund), liquidator: rich },
            candidates: [bankrupt],
            inFlight: new Set(),
            resting: new Set(),
            budgetPermille: 1_000,
            policy: { mostPerSlot: 10, mostNotionalUsd: 1_000_000, leastRewardUsd: 0 },
            slot: 3,
          })
          const plan = planned({ bankrupt: [bankrupt], counterparties: [winner] }, { fund })
          expect(plan.covered).toEqual(taken.map(({ account }) => account))
          expect(plan.parts.map(({ account }) => account)).toEqual(uncovered)
          expect(taken.length + plan.parts.length).toBe(1)
          seen.liquidated += taken.length
          seen.deleveraged += plan.parts.length
        },
      ),
      { numRuns: 2_000 },
    )
    expect(Math.min(seen.liquidated, seen.deleveraged)).toBeGreaterThan(50)
  })

  test('several in their order where one is not enough, the last one in part', () => {
    const few = [
      anAccount('a', -unit / 2n, { left: 100n, entry: 1_400n }),
      anAccount('b', -unit, { left: 300n, entry: 1_300n }),
    ]
    const { parts } = planned({ bankrupt: [broke], counterparties: few })
    expect(parts.map(({ counterparty, size }) => [counterparty, size])).toEqual([
      ['a', unit / 2n],
      ['b', unit / 2n],
    ])
  })

  test('what nobody can take is said', () => {
    const { parts, records } = planned({
      bankrupt: [broke],
      counterparties: [anAccount('a', -unit / 4n, { left: 300n, entry: 1_400n })],
    })
    expect(parts).toHaveLength(1)
    expect(records[0]?.missing).toBe((unit * 3n) / 4n)
  })

  test('the next in line where the exchange would refuse one', () => {
    // Its margin would be worse by its part of the loss.
    const thin = anAccount('thin', -unit, { left: 26n, entry: 1_900n })
    const sound = anAccount('sound', -unit, { left: 500n, entry: 1_100n })
    const { parts, records } = planned({ bankrupt: [broke], counterparties: [thin, sound] })
    const asked = [
      ...(records[0]?.refused ?? []),
      ...parts.map((part) => ({ account: part.counterparty })),
    ]
    expect(asked.map(({ account }) => account)[0]).toBe('thin')
    expect(parts.length).toBeGreaterThan(0)
  })

  test('not who is on the way already', () => {
    const inFlight = new Set(['broke'])
    expect(planned({ bankrupt: [broke], counterparties: shorts }, { inFlight }).parts).toEqual([])
  })

  test('whatever the book, the contract takes each part after the ones before, and nobody gives more than there is', () => {
    const short = fc.tuple(
      fc.bigInt(unit / 100n, 3n * unit),
      fc.bigInt(1n, 2_000n),
      fc.bigInt(1_001n, 2_000n),
    )
    const long = fc.tuple(fc.bigInt(unit / 100n, 3n * unit), fc.bigInt(-500n, -1n))
    fc.assert(
      fc.property(
        fc.array(short, { maxLength: 8 }),
        fc.array(long, { maxLength: 4 }),
        fc.bigInt(0n, 200n * usd),
        fc.constantFrom('bitmex' as const, 'hyperliquid' as const, 'dydx' as const),
        (winners, losers, fund, rule) => {
          const bankrupt = losers.map(([size, left], at) =>
            anAccount(`l${at}`, size, { left, entry: 1_500n }),
          )
          const counterparties = winners.map(([size, left, entry], at) =>
            anAccount(`w${at}`, -size, { left, entry }),
          )
          const { parts, covered } = planned({ bankrupt, counterparties }, { fund, rule })
          const accounts = new Map([...bankrupt, ...counterparties].map((one) => [one.id, one]))
          const { book, insuranceFund } = aLook(fund)
          for (const { account: id, counterparty: other, asset, size } of parts) {
            const account = accounts.get(id)
            const counterparty = accounts.get(other)
            if (!account || !counterparty) throw new TypeError('it names somebody else')
            const verdict = judgeEvmDeleverage({
              book,
              insuranceFund,
              account,
              counterparty,
              asset,
              size,
            })
            if (verdict.kind !== 'accepted') throw new TypeError(verdict.reason)
            accounts.set(id, verdict.account)
            accounts.set(other, verdict.counterparty)
          }
          for (const one of bankrupt) {
            const margin = evmMargin(accounts.get(one.id) ?? one, book)
            const before = evmMargin(one, book)
            if (margin.kind !== 'margin' || before.kind !== 'margin')
              throw new TypeError('no margin')
            expect(margin.value >= before.value).toBe(true)
            expect(covered.includes(one.id) && accounts.get(one.id) !== one).toBe(false)
          }
        },
      ),
    )
  })
})
