import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { type Account, healthOf, type Margin } from '../../../lib/domain/margin/account.ts'
import { fairQuotes, judgeDeleverage } from '../../../lib/domain/margin/starknet-deleverage.ts'
import { isHealthyOrHealthier } from '../../../lib/domain/margin/starknet-healthier.ts'
import { judgeLiquidation } from '../../../lib/domain/margin/starknet-liquidation.ts'
import {
  coreMargin,
  type CoreMark,
  type CoreMarks,
} from '../../../lib/domain/margin/starknet-margin.ts'
import { leastQuote, marginChange } from '../../../lib/domain/margin/starknet-quote.ts'
import {
  type Book,
  type Holder,
  isFairClose,
  leastCash,
  mayBecome,
  type Pair,
  pairOf,
  traded,
} from './model/core-model.ts'
import { ratio } from './model/ratio.ts'

const names = ['AAA-1', 'BBB-2', 'CCC-3']
const runs = { numRuns: 10_000 }

const asset = fc.record({
  isSpot: fc.boolean(),
  price: fc.oneof(fc.bigInt(1n, 1n << 30n), fc.bigInt(1n, 1n << 44n)),
  index: fc.bigInt(-(1n << 36n), 1n << 36n),
  factors: fc.uniqueArray(fc.bigInt(1n, 1_000n), { minLength: 1, maxLength: 4 }),
  boundary: fc.bigInt(1n, 10n ** 7n),
  size: fc.bigInt(1n, 10n ** 7n),
  balance: fc.oneof(fc.bigInt(-50n, 50n), fc.bigInt(-(10n ** 5n), 10n ** 5n), fc.constant(0n)),
  paid: fc.bigInt(-(1n << 36n), 1n << 36n),
})
const state = fc.record({
  assets: fc.tuple(asset, asset, asset),
  isNewest: fc.boolean(),
  /** TV as a share of TR, in thousandths, and a few units beside it. */
  edge: fc.integer({ min: -1_500, max: 1_050 }),
  odd: fc.bigInt(-3n, 3n),
  part: fc.integer({ min: 1, max: 100 }),
  /** Where a quote lies from the limit. */
  off: fc.bigInt(-2n, 2n),
  fee: fc.oneof(fc.constant(0n), fc.bigInt(0n, 100n)),
})
type State = typeof state extends fc.Arbitrary<infer T> ? T : never

/** The same state, once for the model and once for the rules. */
function both({ assets, isNewest, edge, odd }: State) {
  const kinds = assets.map(({ isSpot }) => isSpot && isNewest)
  const factors = assets.map((one) => one.factors.toSorted((a, b) => Number(a - b)))
  const book: Book = {
    isSpot: kinds,
    price: assets.map(({ price }) => ratio(price, 1n << 28n)),
    index: assets.map(({ index }) => index),
    tiers: assets.map(({ boundary, size }, at) =>
      (factors[at] ?? []).map((factor, tier) => {
        const from = tier === 0 ? 0n : boundary + size * BigInt(tier - 1)
        return [from, factor] as const
      }),
    ),
  }
  const poor: Holder = {
    cash: 0n,
    balance: assets.map(({ balance }) => balance),
    paid: assets.map(({ paid }) => paid),
  }
  const [tv, tr] = pairOf(book, poor, isNewest)
  const holder = { ...poor, cash: (tr * BigInt(edge)) / 1_000n + odd - tv }
  const generation = isNewest ? ('D' as const) : ('C' as const)
  return {
    book,
    holder,
    account: accountOf('7', holder),
    marks: marksOf(assets, kinds),
    generation,
  }
}

function accountOf(id: string, { cash, balance, paid }: Holder): Account {
  return {
    id,
    collateral: cash,
    holdings: balance
      .map((held, at) => ({ asset: names[at] ?? '', balance: held, fundingIndex: paid[at] ?? 0n }))
      .filter((one) => one.balance !== 0n),
  }
}

function marksOf(assets: State['assets'], kinds: readonly boolean[]): CoreMarks {
  return Object.fromEntries(
    assets.map((one, at): readonly [string, CoreMark] => [
      names[at] ?? '',
      {
        kind: kinds[at] ? 'spot' : 'synthetic',
        price: one.price,
        fundingIndex: one.index,
        riskFactorTiers: one.factors.toSorted((a, b) => Number(a - b)),
        firstTierBoundary: one.boundary,
        tierSize: one.size,
      },
    ]),
  )
}

function marginOf([value, requirement]: Pair): Margin {
  return { value, requirement }
}

/** A part of the first asset that shrinks, or nothing where it is not held. */
function shrunk({ holder }: { readonly holder: Holder }, { part }: State): bigint {
  const had = holder.balance[0] ?? 0n
  const size = ((had < 0n ? -had : had) * BigInt(part)) / 100n || 1n
  if (had === 0n) return 0n
  return had < 0n ? size : -size
}

const rich: Holder = { cash: 10n ** 17n, balance: [0n, 0n, 0n], paid: [0n, 0n, 0n] }

describe('the rules say what a second model of them says', () => {
  test('what an account is worth, what it must have, and how it stands', () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(state, (one) => {
        const { book, holder, account, marks, generation } = both(one)
        const [tv, tr] = pairOf(book, holder, one.isNewest)
        const found = coreMargin(account, marks, generation)
        expect(found).toMatchObject({ kind: 'margin', value: tv, requirement: tr, unpriced: [] })
        const health = tv < 0n ? 'bankrupt' : tv < tr ? 'liquidatable' : 'healthy'
        expect(healthOf({ value: tv, requirement: tr })).toBe(health)
        seen.set(health, (seen.get(health) ?? 0) + 1)
      }),
      runs,
    )
    expect([...seen.values()].every((count) => count > 500)).toBe(true)
    expect(seen.size).toBe(3)
  })

  test('whether one margin may become another', () => {
    const small = fc.oneof(fc.bigInt(0n, 5n), fc.bigInt(0n, 1_000n))
    const pair = fc.tuple(fc.oneof(fc.bigInt(-8n, 8n), fc.bigInt(-1_500n, 1_500n)), small)
    const seen = new Map<boolean, number>()
    fc.assert(
      fc.property(pair, pair, fc.boolean(), (before, after, isNewest) => {
        const may = mayBecome(before, after, isNewest)
        const generation = isNewest ? 'D' : 'B'
        expect(isHealthyOrHealthier(marginOf(before), marginOf(after), generation)).toBe(may)
        if (after[0] < after[1]) seen.set(may, (seen.get(may) ?? 0) + 1)
      }),
      runs,
    )
    expect([(seen.get(true) ?? 0) > 300, (seen.get(false) ?? 0) > 300]).toEqual([true, true])
  })

  test('the least quote of a liquidation, and the answer around it', () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(state, (one) => {
        const world = both(one)
        const { book, holder, account, marks, generation } = world
        const base = shrunk(world, one)
        fc.pre(base !== 0n)
        const before = pairOf(book, holder, one.isNewest)
        const after = (cash: bigint) =>
          pairOf(book, traded(book, holder, { asset: 0, base, cash }), one.isNewest)
        const least = leastCash((cash) => mayBecome(before, after(cash), one.isNewest)) + one.fee
        const mark = marks[names[0] ?? '']
        if (!mark) throw new Error('no mark')
        const margin = marginOf(before)
        const balance = holder.balance[0] ?? 0n
        const change = marginChange({ margin, mark, balance, base, generation })
        expect(leastQuote(change, generation, one.fee)).toBe(least)

        const quote = least + one.off
        const verdict = judgeLiquidation({
          generation,
          marks,
          base,
          quote,
          liquidatedFee: one.fee,
          liquidatorFee: 0n,
          interestLiquidated: 0n,
          interestLiquidator: 0n,
          asset: names[0] ?? '',
          liquidated: account,
          liquidator: accountOf('9', rich),
        })
        const told = { base, fee: one.fee, before, isAccepted: one.off >= 0n }
        const why = whyNot(quote, { ...told, isSpot: mark.kind === 'spot' })
        const answer = verdict.kind === 'accepted' ? 'ok' : verdict.reason
        expect(answer).toBe(why)
        seen.set(why, (seen.get(why) ?? 0) + 1)
        if (verdict.kind !== 'accepted') return
        const next = traded(book, holder, { asset: 0, base, cash: quote - one.fee })
        expect(byAsset(verdict.position)).toEqual(accountOf('7', next))
        const theirs = traded(book, rich, { asset: 0, base: -base, cash: -quote })
        expect(byAsset(verdict.counterparty)).toEqual(accountOf('9', theirs))
      }),
      runs,
    )
    const counted = ['ok', 'POSITION_IS_NOT_LIQUIDATABLE', 'POSITION_NOT_HEALTHY_NOR_HEALTHIER']
    for (const kind of counted) expect([kind, (seen.get(kind) ?? 0) > 100]).toEqual([kind, true])
  })

  test('the fair quotes of a deleverage, and the answer around them', () => {
    let two = 0
    let none = 0
    let taken = 0
    fc.assert(
      fc.property(state, (one) => {
        const isSynthetic = {
          ...one,
          assets: one.assets.map((each) => ({ ...each, isSpot: false })),
        }
        const world = both(isSynthetic as State)
        const { book, holder, account, marks, generation } = world
        const base = shrunk(world, one)
        fc.pre(base !== 0n)
        const before = pairOf(book, holder, one.isNewest)
        const after = (cash: bigint) =>
          pairOf(book, traded(book, holder, { asset: 0, base, cash }), one.isNewest)
        const mark = marks[names[0] ?? '']
        if (!mark) throw new Error('no mark')
        const balance = holder.balance[0] ?? 0n
        const change = marginChange({ margin: marginOf(before), mark, balance, base, generation })
        const found = fairQuotes(change, { base, interest: 0n })
        const quotes = found.kind === 'quotes' ? found.quotes : []
        // Near whatever would be left of TV in proportion, every whole number is tried.
        const near = (before[1] === 0n ? 0n : (before[0] * after(0n)[1]) / before[1]) - after(0n)[0]
        const tried = Array.from({ length: 9 }, (_, at) => near - 4n + BigInt(at))
        const fair = tried.filter(
          (quote) => quote !== 0n && quote > 0n === base < 0n && isFairClose(before, after(quote)),
        )
        expect(quotes).toEqual(fair)
        two += fair.length === 2 ? 1 : 0
        none += fair.length === 0 ? 1 : 0

        const quote = near + one.off
        const other: Holder = { ...rich, balance: [-(holder.balance[0] ?? 0n), 0n, 0n] }
        const verdict = judgeDeleverage({
          generation,
          marks,
          base,
          quote,
          asset: names[0] ?? '',
          interestDeleveraged: 0n,
          interestDeleverager: 0n,
          deleveraged: account,
          deleverager: accountOf('9', other),
        })
        const isTaken =
          before[0] < 0n && fair.includes(quote) && mayBecome(before, after(quote), one.isNewest)
        expect(verdict.kind === 'accepted').toBe(isTaken)
        taken += isTaken ? 1 : 0
      }),
      runs,
    )
    expect([two > 20, none > 100, taken > 300]).toEqual([true, true, true])
  })
})

/** The contract's words in its order, for a liquidator who can bear anything. */
function whyNot(
  quote: bigint,
  told: { base: bigint; fee: bigint; before: Pair; isAccepted: boolean; isSpot: boolean },
): string {
  if ((quote < 0n ? -quote : quote) <= told.fee || quote === 0n) return 'INVALID_QUOTE_FEE_AMOUNT'
  if (quote > 0n === told.base > 0n) return 'INVALID_AMOUNT_SIGN'
  // Spot is sold, never bought back.
  if (told.isSpot && told.base > 0n) return 'INVALID_AMOUNT_SIGN'
  if (told.before[0] >= told.before[1]) return 'POSITION_IS_NOT_LIQUIDATABLE'
  return told.isAccepted ? 'ok' : 'POSITION_NOT_HEALTHY_NOR_HEALTHIER'
}

function byAsset(account: Account): Account {
  return { ...account, holdings: account.holdings.toSorted((a, b) => (a.asset < b.asset ? -1 : 1)) }
}
