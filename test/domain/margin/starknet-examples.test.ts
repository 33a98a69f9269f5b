import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import type { Decimal } from '../../../lib/domain/decimal.ts'
import { starknetFundingPayment } from '../../../lib/domain/funding/index-change.ts'
import type { Account } from '../../../lib/domain/margin/account.ts'
import { fairQuotes, judgeDeleverage } from '../../../lib/domain/margin/starknet-deleverage.ts'
import { judgeLiquidation } from '../../../lib/domain/margin/starknet-liquidation.ts'
import {
  coreMargin,
  type CoreMark,
  type CoreMarks,
  holdingMargin,
} from '../../../lib/domain/margin/starknet-margin.ts'
import { marginChange } from '../../../lib/domain/margin/starknet-quote.ts'
import { casesOf, Exact, isThere, titled } from './keeper-vectors.ts'

// Numbers of contracts.md §4.2, which are those of the contract's own tests, and of keepers.json.

const unit = 1n << 28n
const big = (one: Decimal) => BigInt(one.toFixed(0))

function aMark(price: bigint, riskFactor: bigint, fundingIndex = 0n): CoreMark {
  return {
    kind: 'synthetic',
    price: price * unit,
    fundingIndex,
    riskFactorTiers: [riskFactor],
    firstTierBoundary: 10n ** 18n,
    tierSize: 1n,
  }
}

type Row = readonly [balance: bigint, price: bigint, riskFactor: bigint]

function marginOfRows(rows: readonly Row[]) {
  const named = rows.map((row, at) => ({ asset: `A-${at}`, row }))
  const marks: CoreMarks = Object.fromEntries(
    named.map(({ asset, row: [, price, factor] }) => [asset, aMark(price, factor)]),
  )
  const holdings = named.map(({ asset, row: [balance] }) => ({ asset, balance, fundingIndex: 0n }))
  const margin = coreMargin({ id: '7', collateral: 0n, holdings }, marks, 'C')
  return margin.kind === 'margin' ? [margin.value, margin.requirement] : margin.reason
}

test('several assets add up', () => {
  const others: readonly Row[] = [
    [40n, 1_000n, 900n],
    [20n, 500n, 100n],
    [10n, 100n, 700n],
    [5n, 2_000n, 0n],
  ]
  expect(marginOfRows([[60n, 900n, 500n], ...others])).toEqual([115_000n, 64_700n])
  expect(marginOfRows([[80n, 900n, 500n], ...others])).toEqual([133_000n, 73_700n])
})

type Example = {
  readonly collateral: bigint
  readonly balance: bigint
  readonly price: bigint
  readonly factor: bigint
  readonly base: bigint
  readonly quote: bigint
  readonly before: readonly [bigint, bigint]
  readonly after: readonly [bigint, bigint]
}

const deleverages: readonly Example[] = [
  {
    collateral: 2_000n,
    balance: -40n,
    price: 100n,
    factor: 500n,
    base: 10n,
    quote: -500n,
    before: [-2_000n, 2_000n],
    after: [-1_500n, 1_500n],
  },
  {
    collateral: 113n - 2n * 517n,
    balance: 2n,
    price: 419n,
    factor: 100n,
    base: -1n,
    quote: 461n,
    before: [-83n, 83n],
    after: [-41n, 41n],
  },
  {
    // The price is not told: that of a quote of 564 between a value of -103 and one of -51.
    collateral: -1_127n,
    balance: 2n,
    price: 512n,
    factor: 100n,
    base: -1n,
    quote: 564n,
    before: [-103n, 102n],
    after: [-51n, 51n],
  },
  {
    collateral: 2n * 626n - 125n,
    balance: -2n,
    price: 626n,
    factor: 100n,
    base: 1n,
    quote: -563n,
    before: [-125n, 125n],
    after: [-62n, 62n],
  },
]

describe.each(deleverages)('a deleverage from $before to $after', (example) => {
  const { collateral, balance, price, factor, base, quote, before, after } = example
  const mark = aMark(price, factor)
  const marks = { A: mark }
  const account: Account = {
    id: '7',
    collateral,
    holdings: [{ asset: 'A', balance, fundingIndex: 0n }],
  }

  test('has the quote that the closed form gives', () => {
    const [value, requirement] = before
    const margin = { value, requirement }
    expect(coreMargin(account, marks, 'C')).toMatchObject(margin)
    const change = marginChange({ margin, mark, balance, base, generation: 'C' })
    const found = fairQuotes(change, { base, interest: 0n })
    expect(found.kind === 'quotes' ? found.quotes[0] : found).toBe(quote)
  })

  test.each(['C', 'D'] as const)('is taken by generation %s, and leaves that', (generation) => {
    const verdict = judgeDeleverage({
      generation,
      marks,
      deleveraged: account,
      deleverager: {
        id: '9',
        collateral: 10n ** 9n,
        holdings: [{ asset: 'A', balance: -balance, fundingIndex: 0n }],
      },
      asset: 'A',
      base,
      quote,
      interestDeleveraged: 0n,
      interestDeleverager: 0n,
    })
    expect(verdict.kind).toBe('accepted')
    if (verdict.kind !== 'accepted') return
    const [value, requirement] = after
    expect(coreMargin(verdict.position, marks, generation)).toMatchObject({ value, requirement })
  })
})

test('a single short whose owner has nothing cannot be deleveraged whole: no quote is admissible', () => {
  const mark = aMark(100n, 500n)
  const margin = { value: -4_000n, requirement: 2_000n }
  const change = marginChange({ margin, mark, balance: -40n, base: 40n, generation: 'D' })
  expect(fairQuotes(change, { base: 40n, interest: 0n })).toEqual({
    kind: 'no-admissible-quote',
    fair: 0n,
  })
})

test('where the ratio comes out even, two quotes are fair', () => {
  const mark = aMark(100n, 500n)
  const margin = { value: -2_000n, requirement: 2_000n }
  const change = marginChange({ margin, mark, balance: -40n, base: 10n, generation: 'D' })
  expect(fairQuotes(change, { base: 10n, interest: 0n })).toEqual({
    kind: 'quotes',
    quotes: [-500n, -499n],
  })
})

test.each([
  // Two of a requirement of 51 each, and then one; at the mark TV does not change but for the price.
  { balance: 2n, price: 510n, before: [51n, 102n], quote: 485n, after: [26n, 51n] },
  { balance: 2n, price: 485n, before: [49n, 97n], quote: 462n, after: [26n, 48n] },
  { balance: -2n, price: 535n, before: [49n, 107n], quote: -558n, after: [26n, 53n] },
])('a liquidation from $before to $after is taken', ({ balance, price, before, quote, after }) => {
  const marks = { A: aMark(price, 100n) }
  const base = balance < 0n ? 1n : -1n
  const liquidated = {
    id: '7',
    collateral: (before[0] ?? 0n) - balance * price,
    holdings: [{ asset: 'A', balance, fundingIndex: 0n }],
  }
  expect(coreMargin(liquidated, marks, 'C')).toMatchObject({
    value: before[0],
    requirement: before[1],
  })
  const verdict = judgeLiquidation({
    generation: 'C',
    marks,
    liquidated,
    liquidator: { id: '9', collateral: 10n ** 9n, holdings: [] },
    asset: 'A',
    base,
    quote,
    liquidatedFee: 0n,
    liquidatorFee: 0n,
    interestLiquidated: 0n,
    interestLiquidator: 0n,
  })
  expect(verdict.kind).toBe('accepted')
  if (verdict.kind !== 'accepted') return
  expect(coreMargin(verdict.position, marks, 'C')).toMatchObject({
    value: after[0],
    requirement: after[1],
  })
})

test('funding is rounded down for whoever gets or pays it', () => {
  const rows = [
    [38_654_705n, 225_000_000n, 2_024_999n],
    [38_654_705n, -225_000_000n, -2_025_000n],
    [-38_654_705n, -225_000_000n, 2_024_999n],
    [-38_654_705n, 225_000_000n, -2_025_000n],
    [1n << 31n, -1_000_000_001n, -500_000_001n],
  ] as const
  for (const [from, balance, payment] of rows)
    expect(starknetFundingPayment({ from, to: 0n, balance })).toBe(payment)
})

test.skipIf(!isThere)(
  titled('one holding’s value and requirement are those of the keepers’ vectors'),
  () => {
    const One = z.object({ balance: Exact, price: Exact, risk: Exact, tv: Exact, tr: Exact })
    const all = casesOf('extended.tvtr', One)
    for (const { balance, price, risk, tv, tr } of all) {
      const mark = aMark(big(price), big(risk.mul(1_000)))
      const found = holdingMargin(big(balance), mark, 'D')
      expect(found).toEqual({ value: big(tv), requirement: big(tr) })
    }
    expect(all).toHaveLength(4)
  },
)

test('a requirement is rounded down', () => {
  const found = [300n, 301n, 299n].map(
    (price) => holdingMargin(1n, aMark(price, 750n), 'D').requirement,
  )
  expect(found).toEqual([225n, 225n, 224n])
})

test('an overflow of one account is that account’s, and a price of zero is named', () => {
  const holdings = [{ asset: 'A', balance: 1n, fundingIndex: (1n << 63n) - 1n }]
  const account = { id: '7', collateral: 5n, holdings }
  expect(coreMargin(account, { A: aMark(1n, 1n, -1n) }, 'D')).toMatchObject({
    kind: 'unknown',
    reason: 'i64_sub Overflow',
  })
  const full = { ...account, collateral: 1n << 63n, holdings: [] }
  expect(coreMargin(full, {}, 'D')).toMatchObject({ reason: 'i64_add Overflow' })
  const owing = [{ asset: 'A', balance: 1n << 32n, fundingIndex: -1n }]
  const empty = { ...account, collateral: -(1n << 63n), holdings: owing }
  expect(coreMargin(empty, { A: aMark(1n, 1n) }, 'D')).toMatchObject({
    reason: 'i64_add Underflow',
  })
  const unpriced = [{ asset: 'A', balance: 1n, fundingIndex: 0n }]
  expect(coreMargin({ ...account, holdings: unpriced }, { A: aMark(0n, 1n) }, 'D')).toMatchObject({
    kind: 'margin',
    value: 5n,
    unpriced: ['A'],
  })
})
