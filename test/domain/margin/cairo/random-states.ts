import * as fc from 'fast-check'

import type { Account, Margin } from '../../../../lib/domain/margin/account.ts'
import type { CoreMark, CoreMarks } from '../../../../lib/domain/margin/starknet-margin.ts'
import { type Book, type Holder, pairOf } from '../model/core-model.ts'
import { ratio } from '../model/ratio.ts'
import type { Change, Question } from './words.ts'

export const names = ['AAA-1', 'BBB-2', 'CCC-3'] as const

/** Most of the time the first, once in so many times one of the others. */
export function mostly<T>(usual: T, every: number, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: every - 1, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  )
}

export const around = fc.bigInt(-2n, 2n)

const aMark: fc.Arbitrary<CoreMark> = fc
  .record({
    kind: fc.constantFrom('synthetic', 'synthetic', 'synthetic', 'synthetic', 'spot' as const),
    price: fc.oneof(
      fc.constant(1n << 28n),
      fc.bigInt(0n, 1n << 30n),
      fc.bigInt(1n, 1n << 44n),
      fc.constantFrom(0n, 1n, (1n << 56n) - 1n),
    ),
    fundingIndex: fc.bigInt(-(1n << 36n), 1n << 36n),
    factors: fc.uniqueArray(fc.oneof(fc.bigInt(1n, 1_000n), fc.constant(1_000n)), {
      minLength: 1,
      maxLength: 4,
    }),
    firstTierBoundary: fc.bigInt(1n, 10n ** 7n),
    tierSize: fc.bigInt(1n, 10n ** 7n),
    isVaultShare: mostly(false, 8, true),
    status: mostly(undefined, 25, 'pending' as const, 'inactive' as const),
  })
  .map(({ kind, factors, isVaultShare, status, ...rest }) => {
    const tiers = factors.toSorted((a, b) => (a < b ? -1 : 1))
    const told = { ...rest, ...(status && { status }) }
    if (kind === 'synthetic') return { ...told, kind, riskFactorTiers: tiers }
    return {
      ...told,
      kind: isVaultShare ? 'vault-share' : kind,
      riskFactorTiers: tiers.slice(0, 1),
      firstTierBoundary: (1n << 128n) - 2n,
      tierSize: 0n,
    }
  })

export const someMarks: fc.Arbitrary<CoreMarks> = fc
  .tuple(aMark, aMark, aMark)
  .map(([first, second, third]) => ({
    [names[0]]: first,
    [names[1]]: second,
    [names[2]]: third,
  }))

/** How much is held: a few units, many, none, or what is worth as much as where a tier begins, a few units beside it. */
const anAmount = fc.oneof(
  { weight: 3, arbitrary: fc.bigInt(-50n, 50n).map((units) => ({ units })) },
  { weight: 3, arbitrary: fc.bigInt(-(10n ** 5n), 10n ** 5n).map((units) => ({ units })) },
  { weight: 1, arbitrary: fc.constant({ units: 0n }) },
  {
    weight: 3,
    arbitrary: fc.record({ tier: fc.bigInt(0n, 3n), off: around, isShort: fc.boolean() }),
  },
)
type Amount = typeof anAmount extends fc.Arbitrary<infer T> ? T : never

export const someHoldings = fc.tuple(
  ...names.map(() =>
    fc.record({ amount: anAmount, fundingIndex: fc.bigInt(-(1n << 36n), 1n << 36n) }),
  ),
)
type Holdings = typeof someHoldings extends fc.Arbitrary<infer T> ? T : never

function unitsOf(amount: Amount, { price, firstTierBoundary, tierSize }: CoreMark): bigint {
  if ('units' in amount) return amount.units
  if (tierSize === 0n || price === 0n) return 7n
  const units = ((firstTierBoundary + amount.tier * tierSize) << 28n) / price + amount.off
  return amount.isShort ? -units : units
}

/** Where TV lies: near a share of TR, in thousandths; its ends are where liquidation and deleverage begin. */
export const anEdge = fc.record({
  thousandths: fc.oneof(
    fc.constantFrom(0, 1_000),
    fc.integer({ min: -1_500, max: 1_050 }),
    fc.integer({ min: 0, max: 1_000 }),
  ),
  off: around,
  less: fc.constant<bigint>(0n),
})

/** TV below zero: often by just what is required, so that ratios come out even, and sometimes by anything. */
export const aDebt = fc.record({
  thousandths: fc.oneof(fc.constantFrom(-1_000, -2_000), fc.integer({ min: -1_500, max: -1 })),
  off: mostly(0n, 3, -2n, -1n, 1n, 2n),
  less: fc.oneof(fc.constant(0n), fc.constant(0n), fc.bigInt(0n, 10n ** 6n)),
})
type Edge = typeof anEdge extends fc.Arbitrary<infer T> ? T : never

/** An account of these holdings with as much cash as the edge says. */
export function anAccount(
  { id, holdings, edge }: { readonly id: string; readonly holdings: Holdings; readonly edge: Edge },
  { marks, isNewest }: { readonly marks: CoreMarks; readonly isNewest: boolean },
): Account {
  const poor: Account = {
    id,
    collateral: 0n,
    holdings: names.flatMap((asset, at) => {
      const mark = marks[asset]
      const held = holdings[at]
      if (!mark || !held) return []
      const balance = unitsOf(held.amount, mark)
      return balance === 0n ? [] : [{ asset, balance, fundingIndex: held.fundingIndex }]
    }),
  }
  const [tv, tr] = pairOf(bookOf(marks), holderOf(poor), isNewest)
  const collateral = (tr * BigInt(edge.thousandths)) / 1_000n + edge.off - edge.less - tv
  return { ...poor, collateral }
}

/** For the second model: the same in columns. */
export function bookOf(marks: CoreMarks): Book {
  const all = names.flatMap((name) => marks[name] ?? [])
  return {
    isSpot: all.map(({ kind }) => kind !== 'synthetic'),
    price: all.map(({ price }) => ratio(price, 1n << 28n)),
    index: all.map(({ fundingIndex }) => fundingIndex),
    tiers: all.map(({ riskFactorTiers, firstTierBoundary, tierSize }) =>
      riskFactorTiers.map((factor, tier) => {
        const from = tier === 0 ? 0n : firstTierBoundary + tierSize * BigInt(tier - 1)
        return [from, factor] as const
      }),
    ),
  }
}

export function holderOf({ collateral, holdings }: Account): Holder {
  const held = names.map((name) => holdings.find(({ asset }) => asset === name))
  return {
    cash: collateral,
    balance: held.map((one) => one?.balance ?? 0n),
    paid: held.map((one) => one?.fundingIndex ?? 0n),
  }
}

export const aQuestion: fc.Arbitrary<Question> = fc
  .record({
    marks: someMarks,
    holdings: someHoldings,
    edge: anEdge,
    generation: fc.constantFrom('C', 'D'),
  })
  .map(({ marks, holdings, edge, generation }) => {
    const state = { marks, isNewest: generation === 'D' }
    return { generation, marks, account: anAccount({ id: '7', holdings, edge }, state) }
  })

const i64 = { least: -(1n << 63n), most: (1n << 63n) - 1n }

/** Anything that the type holds, and often its ends. */
const anyI64 = fc.oneof(
  fc.bigInt(i64.least, i64.most),
  fc.bigInt(-(1n << 34n), 1n << 34n),
  fc.bigInt(0n, 2n).map((off) => i64.most - off),
  fc.bigInt(0n, 2n).map((off) => i64.least + off),
)
const anyU64 = fc.oneof(
  fc.bigInt(0n, (1n << 64n) - 1n),
  fc.constantFrom(0n, 1n, (1n << 64n) - 1n, (1n << 56n) - 1n, 1n << 28n),
)
const anyU128 = fc.oneof(
  fc.bigInt(1n, (1n << 128n) - 1n),
  fc.bigInt(1n, 1n << 70n),
  fc.bigInt(0n, 2n).map((off) => (1n << 128n) - 1n - off),
)

/** Numbers from all over their types: about every other of these leaves them. */
export const aWildQuestion: fc.Arbitrary<Question> = fc
  .record({
    marks: someMarks,
    asset: fc.constantFrom(...names),
    price: anyU64,
    fundingIndex: anyI64,
    firstTierBoundary: anyU128,
    tierSize: anyU128,
    balance: anyI64,
    paid: fc.oneof(anyI64, fc.constant(undefined)),
    collateral: anyI64,
    other: fc.bigInt(1n, 1_000n),
    generation: fc.constantFrom('C', 'D'),
  })
  .map(({ marks, asset, price, fundingIndex, firstTierBoundary, tierSize, ...rest }) => {
    const { balance, paid = fundingIndex, other, collateral, generation } = rest
    const mark = { ...marks[names[0]], price, fundingIndex } as CoreMark
    const tiers = mark.kind === 'synthetic' && { firstTierBoundary, tierSize }
    const holdings = [
      { asset, balance: balance || 1n, fundingIndex: paid },
      ...names
        .filter((name) => name !== asset)
        .map((name) => ({ asset: name, balance: other, fundingIndex: 0n })),
    ]
    return {
      generation,
      marks: { ...marks, [asset]: { ...mark, ...tiers } },
      account: { id: '7', collateral, holdings },
    }
  })

const aMargin = fc.oneof(
  fc.record({
    value: fc.oneof(fc.bigInt(-8n, 8n), fc.bigInt(-1_500n, 1_500n)),
    requirement: fc.oneof(fc.bigInt(0n, 5n), fc.bigInt(0n, 1_000n)),
  }),
  fc.record({
    value: fc.bigInt(-(1n << 110n), 1n << 110n),
    requirement: fc.bigInt(0n, 1n << 110n),
  }),
)

/** Also such as keep the ratio exactly, or by a unit more or less. */
export const aChange: fc.Arbitrary<Change> = fc
  .record({
    before: aMargin,
    after: aMargin,
    isNear: fc.boolean(),
    keepsRisk: mostly(false, 8, true),
    off: around,
    generation: fc.constantFrom('C', 'D'),
  })
  .map(({ before, after, isNear, keepsRisk, off, generation }) => {
    const requirement = keepsRisk ? before.requirement : after.requirement
    const value = isNear ? nearest(before, requirement) + off : after.value
    return { generation, before, after: { value, requirement } }
  })

/** What keeps the ratio, if the type holds it. */
function nearest({ value, requirement }: Margin, next: bigint): bigint {
  const kept = requirement === 0n ? value : (value * next) / requirement
  return kept > -(1n << 120n) && kept < 1n << 120n ? kept : value
}
