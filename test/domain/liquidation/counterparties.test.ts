import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  type CounterpartiesView,
  firstCounterparties,
} from '../../../lib/domain/liquidation/counterparties.ts'
import type { CoreLiquidationLook } from '../../../lib/domain/liquidation/liquidation-look.ts'
import { fundingScaleOf } from '../../../lib/domain/liquidation/margin-in.ts'
import { planEvmDeleverage } from '../../../lib/domain/liquidation/plan-evm-deleverage.ts'
import type { Account } from '../../../lib/domain/margin/account.ts'
import { openCalmBook } from '../../../lib/domain/scan/calm-book.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { aLook, anAccount, unit } from '../../keepers/liquidation-world.ts'

/** By rows that are made for it alone. */
function firstAmong(accounts: readonly Account[], view: CounterpartiesView): readonly string[] {
  const book = openCalmBook(fundingScaleOf(view.look))
  for (const account of accounts) book.upsert(account)
  const byId = new Map(accounts.map((one) => [one.id, one]))
  return firstCounterparties(
    book.holders(() => accounts),
    (id) => byId.get(id),
    view,
  )
}

const rule = fc.constantFrom('bitmex' as const, 'hyperliquid' as const)

const someone = fc
  .tuple(
    fc.integer({ min: -5, max: 5 }),
    fc.integer({ min: -100, max: 900 }),
    fc.integer({ min: 500, max: 1_500 }),
  )
  .filter(([size]) => size !== 0)

test('whoever the rule would ask among all is among the first, in its order', () => {
  let asked = 0
  const law = fc.property(
    fc.array(someone, { minLength: 20, maxLength: 300 }),
    rule,
    fc.nat({ max: 1_000 }),
    (told, order, slot) => {
      const all = told.map(([size, left, entry], at) =>
        anAccount(`w${String(at).padStart(3, '0')}`, left, {
          size: (unit * BigInt(size)) / 10n,
          entry,
        }),
      )
      const look = aLook({ insuranceFund: 0n })
      const bankrupt = [anAccount('broke', -100, { entry: 1_300 })]
      const first = firstAmong(all, { look, bankrupt, rule: order, slot })
      const byId = new Map(all.map((one) => [one.id, one]))
      const some = first.flatMap((id) => byId.get(id) ?? [])
      const asPlanned = (counterparties: readonly Account[]) =>
        planEvmDeleverage({
          look,
          bankrupt,
          counterparties,
          inFlight: new Set(),
          rule: order,
          mostPerSlot: 50,
          slot,
        }).records[0]
      const wanted = asPlanned(all)?.ranked ?? []
      const found = asPlanned(some)?.ranked ?? []
      // Beyond what covers it several times nobody needs to be known.
      expect(found).toEqual(wanted.slice(0, found.length))
      expect(found.length).toBeGreaterThanOrEqual(Math.min(50, wanted.length))
      asked += found.length
    },
  )
  fc.assert(law, { numRuns: 300 })
  expect(asked).toBeGreaterThan(1_000)
})

const small = (count: number, part: bigint) =>
  Array.from({ length: count }, (_, at) =>
    anAccount(`s${String(at).padStart(4, '0')}`, 10, { size: -(unit / part), entry: 1_400 }),
  )

test('many small ones are asked until they cover it several times, and no more than a thousand', () => {
  const look = aLook({ insuranceFund: 0n })
  const bankrupt = [anAccount('broke', -100, { entry: 1_300 })]
  const first = (all: readonly Account[]) =>
    firstAmong(all, { look, bankrupt, rule: 'bitmex', slot: 1 })
  expect(first(small(2_000, 100n))).toHaveLength(400)
  expect(first(small(2_000, 1_000n))).toHaveLength(1_000)
  expect(first(small(2_000, 1n))).toHaveLength(50)
})

test('of many thousands only those are looked at who may be among the first, slot after slot', () => {
  const look = aLook({ insuranceFund: 0n })
  const bankrupt = [anAccount('broke', -100, { entry: 1_300 })]
  const all = Array.from({ length: 20_000 }, (_, at) =>
    anAccount(String(at), 50 + ((at * 7_919) % 20_000), { size: -unit, entry: 1_400 }),
  )
  const book = openCalmBook(fundingScaleOf(look))
  for (const account of all) book.upsert(account)
  const byId = new Map(all.map((one) => [one.id, one]))
  const holders = book.holders(() => all)
  const lookedAt: string[] = []
  for (let slot = 0; slot < 10; slot += 1) {
    const view = { look, bankrupt, rule: 'hyperliquid', slot } as const
    const first = firstCounterparties(
      holders,
      (id) => {
        lookedAt.push(id)
        return byId.get(id)
      },
      view,
    )
    // All have the same gain on the same size: whoever has least left is the most leveraged.
    expect(first.map((id) => (Number(id) * 7_919) % 20_000)).toEqual(
      Array.from({ length: 50 }, (_, at) => at),
    )
  }
  expect(lookedAt.length).toBeLessThan(10 * 60)
})

const short = (id: string, collateral: bigint): Account => ({
  id,
  collateral,
  holdings: [{ asset: '0x2', balance: -100n, fundingIndex: 0n }],
})

test('where an exchange keeps no entry prices, the most leveraged on the other side come first', () => {
  const look: CoreLiquidationLook = {
    kind: 'starknet-perpetual',
    generation: 'D',
    block: { number: 1, hash: '0x1', time: timestamp(0) },
    paused: false,
    from: timestamp(0),
    markets: {},
    dollar: 1_000_000n,
    insuranceFund: 0n,
    liquidator: undefined,
    blocked: undefined,
    marks: {
      '0x2': {
        kind: 'synthetic',
        price: 1_000n << 28n,
        fundingIndex: 0n,
        riskFactorTiers: [10n],
        firstTierBoundary: 0n,
        tierSize: 1n,
      },
    },
  }
  const broke: Account = {
    id: '9',
    collateral: -200_000n,
    holdings: [{ asset: '0x2', balance: 100n, fundingIndex: 0n }],
  }
  // Worth 100,000, 20,000 and 50,000 beside a position of 100,000.
  const all = [short('5', 200_000n), short('6', 120_000n), short('7', 150_000n)]
  const first = firstAmong(all, { look, bankrupt: [broke], rule: 'bitmex', slot: 1 })
  expect(first).toEqual(['6', '7', '5'])
})
