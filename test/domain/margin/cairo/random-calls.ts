import * as fc from 'fast-check'

import type { Account } from '../../../../lib/domain/margin/account.ts'
import {
  interestBase,
  interestCap,
  type InterestTerms,
} from '../../../../lib/domain/margin/interest.ts'
import type { CoreDeleverage } from '../../../../lib/domain/margin/starknet-deleverage.ts'
import type { CoreSpotLiquidation } from '../../../../lib/domain/margin/starknet-liquidation.ts'
import type { CoreMarks } from '../../../../lib/domain/margin/starknet-margin.ts'
import { spotShare } from '../../../../lib/domain/margin/starknet-spot-share.ts'
import { leastCash, mayBecome, pairOf, traded } from '../model/core-model.ts'
import {
  aDebt,
  anAccount,
  anEdge,
  around,
  bookOf,
  holderOf,
  mostly,
  names,
  someHoldings,
  someMarks,
} from './random-states.ts'
import type { SignedLiquidation } from './words.ts'

const now = 1_800_000_000n
const [asset] = names

/** How much of what is held goes; a few take nothing, more than all, or add to it. */
const aPart = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 1, max: 100 }) },
  { weight: 10, arbitrary: fc.constant(100) },
  { weight: 1, arbitrary: fc.constantFrom(0, 101, -1) },
)

/** Somebody else: rich enough for anything, or at an edge of their own, with the other side of the holding or not. */
const anOther = fc.record({
  id: mostly('9', 25, '0', '1', '7'),
  isRich: mostly(true, 4, false),
  isOpposite: mostly(true, 8, false),
  holdings: someHoldings,
  edge: anEdge,
})
type State = { readonly marks: CoreMarks; readonly isNewest: boolean }
type Other = typeof anOther extends fc.Arbitrary<infer T> ? T : never

const someInterest = fc.record({
  isAsked: mostly(false, 5, true),
  /** Of the first, the second and the third position; where each amount lies from its limit. */
  offs: fc.tuple(around, around, around),
  isAskedOf: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
  isSignWrong: mostly(false, 12, true),
  seconds: fc.bigInt(0n, 10n ** 7n),
  rate: fc.oneof(fc.bigInt(0n, 12_000n), fc.bigInt(0n, (1n << 32n) - 1n)),
  isFirst: mostly(false, 12, true),
  age: fc.oneof(fc.constant(0n), fc.bigInt(86_398n, 86_402n)),
  divergence: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0n) },
    { weight: 1, arbitrary: fc.bigInt(0n, 4n).map((off) => 10n ** 11n - off) },
  ),
})
type Interest = typeof someInterest extends fc.Arbitrary<infer T> ? T : never

/** What is asked of each account in turn, and on what terms. */
function interestOf(
  told: Interest,
  accounts: readonly Account[],
  { marks, isNewest }: State,
): { readonly amounts: readonly bigint[]; readonly interest?: InterestTerms } {
  if (!told.isAsked || !isNewest) return { amounts: [] }
  const { seconds, rate } = told
  const amounts = accounts.map((account, at) => {
    if (!told.isAskedOf[at]) return 0n
    const earns = interestBase(account, marks)
    if (typeof earns === 'string') return 1n
    const most = interestCap({ earns, seconds, maxRatePerSecond: rate }) + (told.offs[at] ?? 0n)
    const size = most > 1n << 40n ? 1n << 40n : most
    return account.collateral < 0n !== told.isSignWrong ? -size : size
  })
  const exchangeTime = now - 5n
  const last = told.isFirst ? 0n : exchangeTime - seconds
  return {
    amounts,
    interest: {
      clock: {
        now,
        exchangeTime,
        lastUpdate: now - told.age,
        maxRatePerSecond: rate,
        divergence: told.divergence,
      },
      lastApplied: Object.fromEntries(accounts.map(({ id }) => [id, last])),
    },
  }
}

function otherOf(other: Other, whose: Account, state: State): Account {
  const own = anAccount(other, state)
  const opposite = whose.holdings
    .filter((one) => one.asset === asset)
    .map((one) => ({ ...one, balance: -one.balance }))
  const holdings = [...own.holdings.filter((one) => one.asset !== asset), ...opposite]
  const held = other.isOpposite ? { ...own, holdings } : own
  return other.isRich ? { ...held, collateral: 10n ** 17n } : held
}

function changeOf({ holdings }: Account, part: number): bigint {
  const had = holdings.find((one) => one.asset === asset)?.balance ?? 0n
  if (part === 0) return 0n
  if (part === 101) return had < 0n ? 1n - had : -had - 1n
  const size = ((had < 0n ? -had : had) * BigInt(part)) / 100n || 1n
  return had < 0n ? size : -size
}

/** An account at one of the edges, or of less than nothing, and what is to become of its holding. */
const aCase = fc.record({
  marks: someMarks,
  holdings: someHoldings,
  edge: anEdge,
  debt: aDebt,
  generation: fc.constantFrom('C' as const, 'D' as const),
  isUnlisted: mostly(false, 40, true),
  part: aPart,
  off: around,
  other: anOther,
  interest: someInterest,
  /** In place of the quote at the limit. */
  quote: fc.oneof(
    { weight: 30, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(0n, 1n, -1n, 1n - (1n << 63n), (1n << 63n) - 1n) },
    { weight: 1, arbitrary: fc.bigInt(-(10n ** 9n), 10n ** 9n) },
  ),
})
type Case = typeof aCase extends fc.Arbitrary<infer T> ? T : never

function worldOf({ marks, holdings, edge, generation, part }: Case) {
  const isNewest = generation === 'D'
  const account = anAccount({ id: '7', holdings, edge }, { marks, isNewest })
  const base = changeOf(account, part)
  const [book, holder] = [bookOf(marks), holderOf(account)]
  const before = pairOf(book, holder, isNewest)
  const after = (cash: bigint) =>
    pairOf(book, traded(book, holder, { asset: 0, base, cash }), isNewest)
  return { isNewest, account, base, before, after }
}

const anOrder = fc.record({
  times: fc.bigInt(1n, 3n),
  quoteOff: mostly(0n, 6, -1n, 1n),
  feeOff: mostly(0n, 6, -1n, 1n),
  filledOff: fc.oneof(fc.constant(undefined), fc.bigInt(-1n, 1n)),
  expiration: mostly(now, 20, now - 1n, now + 1n, now + 1_000n),
  quoteAsset: mostly(1n, 30, 2n),
  feeAsset: mostly(1n, 30, 2n),
  isWrongWay: mostly(false, 40, true),
})
type Order = typeof anOrder extends fc.Arbitrary<infer T> ? T : never

const someFees = fc.record({
  liquidatedFee: fc.oneof(fc.constant(0n), fc.bigInt(0n, 100n), fc.bigInt(0n, 10n ** 6n)),
  liquidatorFee: fc.oneof(fc.constant(0n), fc.bigInt(0n, 100n)),
})
type Fees = typeof someFees extends fc.Arbitrary<infer T> ? T : never

/** Signed for as much as is settled or up to three times of it, in all but a unit of price, fee or size. */
function orderOf(
  order: Order,
  settled: {
    readonly position: string
    readonly base: bigint
    readonly quote: bigint
    readonly fee: bigint
  },
) {
  const { times } = order
  const way = order.isWrongWay ? 1n : -1n
  const size = settled.base < 0n ? -settled.base : settled.base
  const filled = order.filledOff === undefined ? 0n : size * (times - 1n) + order.filledOff
  const fee = settled.fee * times + order.feeOff
  return {
    position: settled.position,
    base: way * settled.base * times,
    quote: way * settled.quote * times + order.quoteOff,
    fee: fee < 0n ? 0n : fee,
    isExpired: order.expiration < now,
    filled: filled < 0n ? 0n : filled,
  }
}

/** Who gets the asset: in `liquidate` the liquidator does, in `liquidate_spot_asset` it may be another one. */
type Getter = 'liquidate' | 'liquidator' | Other

export const aLiquidation: fc.Arbitrary<SignedLiquidation> = fc
  .record({ told: aCase, order: anOrder, fees: someFees })
  .map((one) => liquidationOf(one, 'liquidate'))

/** The first asset is spot, and often everything. */
export const aSpotLiquidation: fc.Arbitrary<SignedLiquidation<CoreSpotLiquidation>> = fc
  .record({
    told: aSpotCase(),
    order: anOrder,
    fees: someFees,
    getter: fc.oneof(fc.constant('liquidator' as const), anOther),
  })
  .map(({ getter, ...one }) => liquidationOf(one, getter))

/** At a quote near the least that the account may get. */
function liquidationOf(
  { told, order, fees }: { readonly told: Case; readonly order: Order; readonly fees: Fees },
  getter: Getter,
): SignedLiquidation<CoreSpotLiquidation> {
  const { marks, generation } = told
  const { isNewest, account, base, before, after } = worldOf(told)
  const state = { marks, isNewest }
  const liquidator = otherOf(told.other, account, state)
  const receiver = receiverOf(getter, { account, liquidator, state })
  const { amounts, interest } = interestOf(told.interest, [account, liquidator, receiver], state)
  const [interestLiquidated = 0n, interestLiquidator = 0n, interestReceiver = 0n] = amounts
  const least = leastCash((cash) => mayBecome(before, after(cash), isNewest))
  const quote = told.quote ?? least + fees.liquidatedFee - interestLiquidated + told.off
  // A quote at the end of its type is not to be signed three times over.
  const signable = told.quote === undefined ? order : { ...order, times: 1n, quoteOff: 0n }
  const { quoteAsset, feeAsset, expiration } = order
  const isOne = quoteAsset === feeAsset
  return {
    call: {
      ...fees,
      generation,
      marks,
      liquidated: account,
      liquidator,
      ...(getter !== 'liquidate' && { receiver, interestReceiver }),
      asset: told.isUnlisted ? 'ZZZ-9' : asset,
      base,
      quote,
      interestLiquidated,
      interestLiquidator,
      ...(interest && { interest }),
      order: {
        ...orderOf(signable, { position: liquidator.id, base, quote, fee: fees.liquidatorFee }),
        isInCollateral:
          isOne && (quoteAsset === 1n || (getter === 'liquidate' && generation === 'D')),
      },
    },
    signed: { quoteAsset, feeAsset, expiration, now },
  }
}

function receiverOf(
  getter: Getter,
  {
    account,
    liquidator,
    state,
  }: { readonly account: Account; readonly liquidator: Account; readonly state: State },
): Account {
  if (typeof getter === 'string') return liquidator
  return otherOf({ ...getter, id: getter.id === '9' ? '8' : getter.id }, account, state)
}

function aSpotCase(): fc.Arbitrary<Case> {
  return fc
    .record({
      anyone: aCase,
      isInDebt: mostly(true, 6, false),
      isAll: mostly(true, 4, false),
      isReally: mostly(true, 40, false),
      isLong: mostly(true, 6, false),
    })
    .map(({ anyone, isInDebt, isAll, isReally, isLong }) => {
      const told = isInDebt ? inDebt(anyone) : anyone
      const entries = Object.entries(told.marks).map(([name, mark], at) => {
        const isSpot = at === 0 ? isReally : isAll
        if (!isSpot) return [name, mark] as const
        const riskFactorTiers = mark.riskFactorTiers.slice(0, 1)
        const one = { riskFactorTiers, firstTierBoundary: (1n << 128n) - 2n, tierSize: 0n }
        return [name, { ...mark, ...one, kind: 'spot' as const }] as const
      })
      return {
        ...told,
        holdings: isLong ? told.holdings.map(long) : told.holdings,
        marks: Object.fromEntries(entries),
        generation: 'D' as const,
      }
    })
}

function long(held: Case['holdings'][number]): Case['holdings'][number] {
  const { amount } = held
  if (!('units' in amount)) return held
  const units = amount.units < 0n ? -amount.units : amount.units
  return { ...held, amount: { units } }
}

function inDebt(told: Case): Case {
  return { ...told, edge: told.debt }
}

export const aDeleverage: fc.Arbitrary<CoreDeleverage> = fc
  .record({ anyone: aCase, isInDebt: mostly(true, 6, false) })
  .map(({ anyone, isInDebt }) => {
    const told = isInDebt ? inDebt(anyone) : anyone
    const { before, after } = worldOf(told)
    const [tv, tr] = before
    const [left, risk] = after(0n)
    return deleverageOf(told, (tr === 0n ? 0n : (tv * risk) / tr) - left)
  })

export const aSpotDeleverage: fc.Arbitrary<CoreDeleverage> = fc
  .record({ told: aSpotCase(), unit: fc.bigInt(-1n, 1n) })
  .map(({ told, unit }) => {
    const { account } = worldOf(told)
    const { assetValue, totalValue, debt } = spotShare(account, asset, told.marks)
    return deleverageOf(told, totalValue === 0n ? 1n : ((assetValue + unit) * debt) / totalValue)
  })

/** At a quote near the fair one. */
function deleverageOf(told: Case, fair: bigint): CoreDeleverage {
  const { marks, generation } = told
  const { isNewest, account, base } = worldOf(told)
  const deleverager = otherOf(told.other, account, { marks, isNewest })
  const { amounts, interest } = interestOf(told.interest, [account, deleverager], {
    marks,
    isNewest,
  })
  const [interestDeleveraged = 0n, interestDeleverager = 0n] = amounts
  return {
    generation,
    marks,
    deleveraged: account,
    deleverager,
    asset: told.isUnlisted ? 'ZZZ-9' : asset,
    base,
    quote: told.quote ?? fair - interestDeleveraged + told.off,
    interestDeleveraged,
    interestDeleverager,
    ...(interest && { interest }),
  }
}
