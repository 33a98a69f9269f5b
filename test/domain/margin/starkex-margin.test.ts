import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Account, Margin } from '../../../lib/domain/margin/account.ts'
import { healthOf } from '../../../lib/domain/margin/account.ts'
import {
  isStarkexFair,
  isStarkexTransition,
  starkexFairQuote,
  starkexMargin,
  type StarkexMark,
  type StarkexMarks,
  starkexRiskFactor,
} from '../../../lib/domain/margin/starkex-margin.ts'

const one = 1n << 32n

/** A tenth is risk up to 1,000 units, a half beyond. */
function aMark(bent: Partial<StarkexMark> = {}): StarkexMark {
  return {
    price: 100n * one,
    fundingIndex: 0n,
    segments: [
      { upperBound: 1_000n, riskFactor: one / 4n },
      { upperBound: (1n << 63n) - 1n, riskFactor: one / 2n },
    ],
    segmentedBy: 'balance',
    ...bent,
  }
}

function holding(asset: string, balance: bigint, fundingIndex = 0n) {
  return { asset, balance, fundingIndex }
}

function marginOf(account: Omit<Account, 'id'>, marks: StarkexMarks): Margin {
  const margin = starkexMargin({ id: '7', ...account }, marks)
  if (margin.kind === 'unknown') throw new Error(margin.reason)
  return margin
}

test('value is exact, requirement by segment, both at one scale', () => {
  const account = { collateral: -60n, holdings: [holding('A', 1n)] }
  const { value, requirement } = marginOf(account, { A: aMark() })
  expect([value >> 64n, requirement >> 64n]).toEqual([40n, 25n])
  // A price of a half is not rounded.
  const half = marginOf(
    { collateral: 0n, holdings: [holding('A', 1n)] },
    { A: aMark({ price: 1n }) },
  )
  expect([half.value, half.requirement]).toEqual([one, one / 4n])
})

test('funding is rounded down once for all holdings, where starknet-perpetual rounds each', () => {
  // Two holdings that each pay half a unit pay one together, not two.
  const marks = { A: aMark({ fundingIndex: one / 2n }), B: aMark({ fundingIndex: one / 2n }) }
  const account = { id: '7', collateral: 10n, holdings: [holding('A', 1n), holding('B', 1n)] }
  expect(starkexMargin(account, marks)).toMatchObject({ collateral: 9n })
  expect(starkexMargin({ ...account, holdings: [holding('A', 1n)] }, marks)).toMatchObject({
    collateral: 9n,
  })
})

test('a segment’s upper bound belongs to it, by balance or by notional', () => {
  const factors = [999n, 1_000n, 1_001n].map((size) => starkexRiskFactor(size, aMark()))
  expect(factors).toEqual([one / 4n, one / 4n, one / 2n])
  const byNotional = aMark({
    segmentedBy: 'notional',
    segments: [
      { upperBound: 1_000n * 100n * one, riskFactor: one / 4n },
      { upperBound: 1n << 96n, riskFactor: one / 2n },
    ],
  })
  const same = [999n, 1_000n, 1_001n].map((size) => starkexRiskFactor(size, byNotional))
  expect(same).toEqual(factors)
})

test('an account is liquidatable below its requirement, and bankrupt below zero', () => {
  const healths = [-75n, -76n, -100n, -101n].map((collateral) =>
    healthOf(marginOf({ collateral, holdings: [holding('A', 1n)] }, { A: aMark() })),
  )
  expect(healths).toEqual(['healthy', 'liquidatable', 'liquidatable', 'bankrupt'])
})

test('numbers out of the program’s range, and assets without a price, are named', () => {
  const account = { id: '7', collateral: 0n, holdings: [holding('A', 1n << 57n)] }
  expect(starkexMargin(account, { A: aMark() })).toEqual({
    kind: 'unknown',
    reason: 'OUT_OF_RANGE_TOTAL_VALUE',
  })
  expect(starkexMargin(account, {})).toEqual({ kind: 'unknown', reason: 'ASSET_NOT_FOUND' })
  // Value cancels out, risk does not.
  const both = {
    ...account,
    holdings: [
      holding('A', 1n << 57n),
      holding('B', -(1n << 57n)),
      holding('C', 1n << 56n),
      holding('D', -(1n << 56n)),
      holding('E', 1n << 56n),
      holding('F', -(1n << 56n)),
    ],
  }
  const risky = aMark({ segments: [{ upperBound: 1n << 63n, riskFactor: one - 1n }] })
  const marks = Object.fromEntries(both.holdings.map(({ asset }) => [asset, risky]))
  expect(starkexMargin(both, marks)).toEqual({ kind: 'unknown', reason: 'OUT_OF_RANGE_TOTAL_RISK' })
})

describe('a transition', () => {
  const marks = { A: aMark(), B: aMark() }
  const state = (collateral: bigint, balances: readonly (readonly [string, bigint])[]) => {
    const account = {
      id: '7',
      collateral,
      holdings: balances.map(([asset, balance]) => holding(asset, balance)),
    }
    return { account, margin: marginOf(account, marks) }
  }
  const before = state(-380n, [['A', 4n]])

  test('is legal where the position is healthy afterwards, whatever it was', () => {
    expect(isStarkexTransition(before, state(0n, [['B', -1n]]))).toBe(false)
    expect(isStarkexTransition(before, state(125n, [['B', -1n]]))).toBe(true)
  })

  test('is else legal only where holdings shrink and the ratio is kept', () => {
    // 20 of 100: with half the holding it must be worth 10 of 50.
    expect(isStarkexTransition(before, state(-190n, [['A', 2n]]))).toBe(true)
    expect(isStarkexTransition(before, state(-191n, [['A', 2n]]))).toBe(false)
    // A better ratio, but a new holding, or a larger one.
    expect(
      isStarkexTransition(
        before,
        state(-240n, [
          ['A', 2n],
          ['B', 1n],
        ]),
      ),
    ).toBe(false)
    expect(isStarkexTransition(before, state(-450n, [['A', 5n]]))).toBe(false)
  })

  test('without risk it is legal where value does not fall', () => {
    const owing = state(-5n, [])
    expect(isStarkexTransition(owing, state(-5n, []))).toBe(true)
    expect(isStarkexTransition(owing, state(-6n, []))).toBe(false)
  })
})

test('exactly one amount deleverages, and it is the one found (deleverage.cairo)', () => {
  const balances = fc.bigInt(-2_000n, 2_000n).filter((balance) => balance !== 0n)
  const prices = fc.bigInt(1n, 1_000n * one)
  let found = 0
  fc.assert(
    fc.property(
      balances,
      prices,
      fc.bigInt(1n, 10n ** 6n),
      fc.integer({ min: 1, max: 100 }),
      (balance, price, debt, percent) => {
        const mark = aMark({ price })
        const size = ((balance < 0n ? -balance : balance) * BigInt(percent)) / 100n || 1n
        const base = balance < 0n ? size : -size
        const value = (-balance * price) / one
        const account = { id: '7', collateral: value - debt, holdings: [holding('A', balance)] }
        const before = marginOf(account, { A: mark })
        const after = (quote: bigint) => {
          const left = balance + base
          const next = { ...account, collateral: account.collateral + quote }
          return marginOf(
            { ...next, holdings: left === 0n ? [] : [holding('A', left)] },
            { A: mark },
          )
        }
        const isTaken = (quote: bigint) => {
          const later = after(quote)
          const kept = later.value * before.requirement >= before.value * later.requirement
          return kept && isStarkexFair(before, later) && (quote === 0n || quote > 0n === base < 0n)
        }
        const quote = starkexFairQuote({ before, mark, balance, base })
        const near = quote ?? 0n
        const taken = [near - 2n, near - 1n, near, near + 1n, near + 2n].filter(isTaken)
        expect(taken).toEqual(quote === undefined ? [] : [quote])
        found += quote === undefined ? 0 : 1
      },
    ),
    { numRuns: 2_000 },
  )
  expect(found).toBeGreaterThan(100)
})
