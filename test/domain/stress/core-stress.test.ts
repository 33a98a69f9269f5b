import { describe, expect, test } from 'vitest'

import type { CoreLiquidationLook } from '../../../lib/domain/liquidation/liquidation-look.ts'
import type { Account } from '../../../lib/domain/margin/account.ts'
import { coreStressed } from '../../../lib/domain/stress/core-stress.ts'
import { stress, stressAll } from '../../../lib/domain/stress/stress.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const usd = 1_000_000n

/** Bitcoin at 1,000 dollars, of which a millionth is the smallest part; five per cent are required. */
function aLook(generation: 'C' | 'D', insuranceFund: bigint): CoreLiquidationLook {
  return {
    kind: 'starknet-perpetual',
    generation,
    block: { number: 1, hash: '0x1', time: timestamp(1_764_000_000_000) },
    paused: false,
    from: timestamp(0),
    markets: { '0x2': 'BTC-USD' as never },
    dollar: usd,
    insuranceFund,
    blocked: undefined,
    liquidator: undefined,
    marks: {
      '0x2': {
        kind: 'synthetic',
        price: 1_000n << 28n,
        fundingIndex: 0n,
        riskFactorTiers: [50n],
        firstTierBoundary: 10n ** 15n,
        tierSize: 1n,
      },
    },
  }
}

const terms = { feeBps: 100n, discountBps: 50n, targetBps: 10_000n }

/** Ten bitcoin, bought at the mark with so many dollars beside them. */
function longOf(id: string, left: bigint): Account {
  return {
    id,
    collateral: (left - 10_000n) * usd,
    holdings: [{ asset: '0x2', balance: 10_000_000n, fundingIndex: 0n }],
  }
}

function jump(accounts: readonly Account[], permille: number, generation: 'C' | 'D', fund = 0n) {
  const exchange = coreStressed(aLook(generation, fund), terms)
  return stress({ accounts, exchange, insuranceFund: fund }, { asset: undefined, permille })
}

describe.each(['C', 'D'] as const)('on generation %s', (generation) => {
  test('who is below five per cent after the jump falls, and pays fee and discount as far as that leaves no debt', () => {
    // 9,000 after a tenth less: 450 are required, 449 and 450 are left.
    const result = jump([longOf('201', 1_449n), longOf('202', 1_450n)], -100, generation)
    expect(result).toMatchObject({ falls: 1, notional: 9_000n * usd, bankrupt: 0, shortfall: 0n })
    expect(result.penalties).toBeGreaterThan(0n)
    expect(result.penalties).toBeLessThanOrEqual(449n * usd)
    // Two thirds of it are the fund's.
    expect(result.fundAfter).toBe(result.fundIn)
    expect(result.fundIn * 3n).toBeGreaterThanOrEqual(result.penalties * 2n - 100n)
  })

  test('who has less than nothing is lost to others where the fund has nothing', () => {
    expect(jump([longOf('201', 900n)], -100, generation)).toMatchObject({
      bankrupt: 1,
      penalties: 0n,
      fundOut: 0n,
      shortfall: 100n * usd,
      deleveraged: 1,
    })
  })
})

test('the fund pays on generation D alone: before it nothing closes an account with a debt but a deleverage', () => {
  expect(jump([longOf('201', 900n)], -100, 'D', 500n * usd)).toMatchObject({
    fundOut: 100n * usd,
    fundAfter: 400n * usd,
    shortfall: 0n,
  })
  expect(jump([longOf('201', 900n)], -100, 'C', 500n * usd)).toMatchObject({
    fundOut: 0n,
    fundAfter: 500n * usd,
    shortfall: 100n * usd,
  })
})

test('an empty exchange is harmed by no jump', () => {
  const exchange = coreStressed(aLook('D', 7n), terms)
  for (const result of stressAll({ accounts: [], exchange, insuranceFund: 7n }))
    expect(result).toMatchObject({ falls: 0, notional: 0n, shortfall: 0n, fundAfter: 7n })
})
