import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Account } from '../../../lib/domain/margin/account.ts'
import { evmStressed } from '../../../lib/domain/stress/evm-stress.ts'
import {
  shocks,
  sizing,
  stress,
  stressAll,
  type StressedBook,
} from '../../../lib/domain/stress/stress.ts'

const e18 = 10n ** 18n
const usd = 1_000_000n
const mark = {
  price: 1_000n * e18,
  fundingIndex: 0n,
  initialMarginBps: 1_000n,
  maintenanceMarginBps: 500n,
  penaltyBps: 100n,
}

function aBook(change: Partial<StressedBook> = {}): StressedBook {
  return {
    accounts: [],
    exchange: evmStressed(
      { unit: 10n ** 30n, marks: { btc: mark, eth: { ...mark, price: 100n * e18 } } },
      { liquidatorShareBps: 5_000n, closeFactorBps: 5_000n, smallPosition: 100n * usd },
    ),
    insuranceFund: 1_000n * usd,
    ...change,
  }
}

/** So much cash in dollars beside what it paid, and whole units of each market. */
function anAccount(id: string, cash: bigint, held: Readonly<Record<string, bigint>>): Account {
  const price: Readonly<Record<string, bigint>> = { btc: 1_000n, eth: 100n }
  const paid = Object.entries(held).reduce((sum, [a, n]) => sum + n * (price[a] ?? 0n), 0n)
  return {
    id,
    collateral: (cash - paid) * usd,
    holdings: Object.entries(held).map(([asset, n]) => ({
      asset,
      balance: n * e18,
      fundingIndex: 0n,
      cost: n * (price[asset] ?? 0n) * usd,
    })),
  }
}

describe('a jump of prices', () => {
  test('harms nobody in an empty book', () => {
    for (const result of stressAll(aBook()))
      expect(result).toMatchObject({
        falls: 0,
        notional: 0n,
        shortfall: 0n,
        fundAfter: 1_000n * usd,
      })
    expect(stressAll(aBook())).toHaveLength(3 * shocks.length)
  })

  test('lets fall whom it leaves below the requirement, and nobody who is at it', () => {
    // Ten at a thousand: after a tenth less a thousand is lost, and 450 dollars are required.
    const accounts = [
      anAccount('at', 1_450n, { btc: 10n }),
      anAccount('below', 1_449n, { btc: 10n }),
    ]
    expect(stress(aBook({ accounts }), { asset: 'btc', permille: -100 })).toMatchObject({
      falls: 1,
      notional: 9_000n * usd,
      bankrupt: 0,
    })
  })

  test('costs the fund what a bankrupt account lacks', () => {
    const accounts = [anAccount('anna', 1_000n, { btc: 10n })]
    // Two thousand lost of one: a thousand, all that the fund has.
    expect(stress(aBook({ accounts }), { asset: undefined, permille: -200 })).toMatchObject({
      bankrupt: 1,
      penalties: 0n,
      fundOut: 1_000n * usd,
      fundAfter: 0n,
      shortfall: 0n,
    })
  })

  test('begins to deleverage where the fund is one unit short', () => {
    const accounts = [anAccount('anna', 1_000n, { btc: 10n })]
    const short = aBook({ accounts, insuranceFund: 1_000n * usd - 1n })
    const result = stress(short, { asset: undefined, permille: -200 })
    expect(result.deleveraged).toBe(1)
    // The fund pays first, as far as whole liquidations go: a thousand is missing in all.
    expect(result.fundOut + result.shortfall).toBe(1_000n * usd)
    expect(result.shortfall - result.fundAfter).toBe(1n)
    expect(result.fundAfter).toBeLessThan(usd / 100n)
  })

  test('of one market drags others that the same accounts hold', () => {
    const accounts = [
      anAccount('both', 1_000n, { btc: 10n, eth: 20n }),
      anAccount('other', 1_000n, { eth: 20n }),
    ]
    expect(stress(aBook({ accounts }), { asset: 'btc', permille: -100 }).drags).toEqual({
      eth: { accounts: 1, notional: 2_000n * usd },
    })
  })

  test('does not count those who had fallen before, but settles them', () => {
    const accounts = [anAccount('gone', 100n, { btc: 10n })]
    const result = stress(aBook({ accounts }), { asset: 'btc', permille: -50 })
    expect(result).toMatchObject({ falls: 0, bankrupt: 1, fundOut: 400n * usd })
  })
})

const accountsOf = (people: readonly { cash: bigint; btc: bigint; eth: bigint }[], side: bigint) =>
  people.map(({ cash, btc, eth }, at) =>
    anAccount(`a${at}`, cash, { btc: btc * side, eth: eth * side }),
  )

const longs = fc.array(
  fc.record({
    cash: fc.bigInt(1n, 3_000n),
    btc: fc.bigInt(1n, 20n),
    eth: fc.bigInt(1n, 50n),
  }),
  { maxLength: 12 },
)

describe('laws', () => {
  test.each([
    ['longs', 1n, -1],
    ['shorts', -1n, 1],
  ])('a larger jump against %s never has fewer falls', (_who, side, direction) => {
    fc.assert(
      fc.property(
        longs,
        fc.integer({ min: 1, max: 490 }),
        fc.integer({ min: 1, max: 500 }),
        (people, one, more) => {
          const stressed = aBook({ accounts: accountsOf(people, side) })
          const small = stress(stressed, { asset: undefined, permille: one * direction })
          const large = stress(stressed, {
            asset: undefined,
            permille: Math.min(999, one + more) * direction,
          })
          expect(large.falls).toBeGreaterThanOrEqual(small.falls)
        },
      ),
    )
  })

  test('what goes into the fund and out of it is what it has more or less', () => {
    fc.assert(
      fc.property(
        longs,
        fc.constantFrom(...shocks),
        fc.constantFrom(1n, -1n),
        (people, permille, side) => {
          const stressed = aBook({ accounts: accountsOf(people, side) })
          for (const asset of ['btc', 'eth', undefined]) {
            const result = stress(stressed, { asset, permille })
            expect(stressed.insuranceFund + result.fundIn - result.fundOut).toBe(result.fundAfter)
            expect(result.fundAfter).toBeGreaterThanOrEqual(0n)
            expect(result.fundIn).toBeLessThanOrEqual(result.penalties)
            expect(result.falls).toBeLessThanOrEqual(people.length)
          }
        },
      ),
    )
  })

  test('the order of accounts changes nothing', () => {
    fc.assert(
      fc.property(longs, fc.constantFrom(...shocks), (people, permille) => {
        const accounts = accountsOf(people, 1n)
        const shock = { asset: undefined, permille }
        const turned = aBook({ accounts: accounts.toReversed() })
        expect(stress(turned, shock)).toEqual(stress(aBook({ accounts }), shock))
      }),
    )
  })
})

test('a fund that pays all leaves nothing, and none leaves what everybody lacks', () => {
  const accounts = [anAccount('anna', 1_000n, { btc: 10n }), anAccount('bert', 500n, { btc: 10n })]
  const table = sizing(
    aBook({ accounts }),
    { asset: undefined, permille: -200 },
    {
      penaltyBps: [50n, 200n],
      funds: [0n, 2_500n * usd],
    },
  )
  // Two thousand each are lost of 1,500.
  expect(table.map(({ shortfall }) => shortfall)).toEqual([2_500n * usd, 0n, 2_500n * usd, 0n])
})
