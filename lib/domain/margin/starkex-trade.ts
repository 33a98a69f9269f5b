import { isInStarkexRange } from '../starkex/ranges.ts'
import type { LimitOrder } from '../starkex/transaction.ts'
import type { Account, Margin } from './account.ts'
import { floorDiv } from './floor-div.ts'
import {
  isStarkexFair,
  isStarkexTransition,
  starkexMargin,
  type StarkexMarks,
} from './starkex-margin.ts'

/** A part of one account's holding, and what it gets for it (below zero: pays), with the fee that it pays besides. */
export type StarkexChange = {
  readonly asset: string
  /** The change of its balance. */
  readonly base: bigint
  readonly cash: bigint
}

/** The program's own names where it has some. */
export type StarkexTradeRefusal =
  | 'ASSET_NOT_FOUND'
  | 'OUT_OF_RANGE_TOTAL_VALUE'
  | 'OUT_OF_RANGE_TOTAL_RISK'
  | 'OUT_OF_RANGE_BALANCE'
  | 'UNLIQUIDATABLE_POSITION'
  | 'UNDELEVERAGABLE_POSITION'
  | 'UNFAIR_DELEVERAGE'
  | 'SAME_POSITION_ID'
  | 'INVALID_LIQUIDATE'
  | 'INVALID_FULFILLMENT_INFO'
  | 'INVALID_FULFILLMENT_ASSETS_RATIO'
  | 'INVALID_FULFILLMENT_FEE_RATIO'
  | 'OUT_OF_RANGE_POSITIVE_AMOUNT'
  | 'ILLEGAL_POSITION_TRANSITION_ENLARGING_SYNTHETIC_HOLDINGS'
  | 'ILLEGAL_POSITION_TRANSITION'

export type StarkexTradeVerdict =
  | { readonly kind: 'accepted'; readonly account: Account; readonly counterparty: Account }
  | {
      readonly kind: 'refused'
      readonly reason: StarkexTradeRefusal
      /** Whose position is in the way; undefined where none is. */
      readonly account: string | undefined
    }

type Changed = {
  readonly before: { readonly account: Account; readonly margin: Margin }
  readonly after: { readonly account: Account; readonly margin: Margin }
}

/** What LIQUIDATE of StarkEx would answer, but for the order's signature and time (liquidate.cairo, execute_limit_order.cairo). */
export function judgeStarkexLiquidation(
  marks: StarkexMarks,
  {
    liquidated,
    liquidator,
    change,
    fee,
    order,
    filled,
  }: {
    readonly liquidated: Account
    readonly liquidator: Account
    /** Of the liquidated account. */
    readonly change: StarkexChange
    readonly fee: bigint
    readonly order: LimitOrder
    /** How much of the order's synthetic was traded before. */
    readonly filled: bigint
  },
): StarkexTradeVerdict {
  if (liquidated.id === liquidator.id) return refusal('INVALID_LIQUIDATE', liquidated)
  const wrong = orderRefusal(order, { change, fee, filled })
  if (wrong !== undefined) return refusal(wrong)
  const sale = changed(liquidated, change, marks)
  if (typeof sale === 'string') return refusal(sale, liquidated)
  const { margin } = sale.before
  if (margin.value >= margin.requirement) return refusal('UNLIQUIDATABLE_POSITION', liquidated)
  if (!isReducing(liquidated, change))
    return refusal('ILLEGAL_POSITION_TRANSITION_ENLARGING_SYNTHETIC_HOLDINGS', liquidated)
  if (!isStarkexTransition(sale.before, sale.after))
    return refusal('ILLEGAL_POSITION_TRANSITION', liquidated)
  const { asset, base, cash } = change
  const taking = changed(liquidator, { asset, base: -base, cash: -cash - fee }, marks)
  if (typeof taking === 'string') return refusal(taking, liquidator)
  if (!isStarkexTransition(taking.before, taking.after))
    return refusal('ILLEGAL_POSITION_TRANSITION', liquidator)
  return { kind: 'accepted', account: sale.after.account, counterparty: taking.after.account }
}

/** What DELEVERAGE of StarkEx would answer (deleverage.cairo). */
export function judgeStarkexDeleverage(
  marks: StarkexMarks,
  {
    deleveraged,
    deleverager,
    change,
  }: {
    readonly deleveraged: Account
    readonly deleverager: Account
    /** Of the bankrupt account. */
    readonly change: StarkexChange
  },
): StarkexTradeVerdict {
  if (deleveraged.id === deleverager.id) return refusal('SAME_POSITION_ID')
  const { asset, base, cash } = change
  const giving = changed(deleveraged, change, marks)
  if (typeof giving === 'string') return refusal(giving, deleveraged)
  if (!isStarkexTransition(giving.before, giving.after))
    return refusal('ILLEGAL_POSITION_TRANSITION', deleveraged)
  const taken = { asset, base: -base, cash: -cash }
  const taking = changed(deleverager, taken, marks)
  if (typeof taking === 'string') return refusal(taking, deleverager)
  if (!isStarkexTransition(taking.before, taking.after))
    return refusal('ILLEGAL_POSITION_TRANSITION', deleverager)
  if (!isReducing(deleverager, taken))
    return refusal('ILLEGAL_POSITION_TRANSITION_ENLARGING_SYNTHETIC_HOLDINGS', deleverager)
  if (giving.before.margin.value >= 0n) return refusal('UNDELEVERAGABLE_POSITION', deleveraged)
  if (!isStarkexFair(giving.before.margin, giving.after.margin))
    return refusal('UNFAIR_DELEVERAGE', deleveraged)
  return { kind: 'accepted', account: giving.after.account, counterparty: taking.after.account }
}

/** The account with its funding paid, and how it is after the change. */
function changed(
  account: Account,
  change: StarkexChange,
  marks: StarkexMarks,
): Changed | StarkexTradeRefusal {
  const mark = Object.hasOwn(marks, change.asset) ? marks[change.asset] : undefined
  if (!mark) return 'ASSET_NOT_FOUND'
  const was = starkexMargin(account, marks)
  if (was.kind === 'unknown') return was.reason
  const funded: Account = {
    ...account,
    collateral: was.collateral,
    holdings: account.holdings.map((one) => ({
      ...one,
      fundingIndex: marks[one.asset]?.fundingIndex ?? one.fundingIndex,
    })),
  }
  const after = traded(funded, change, mark.fundingIndex)
  const amounts = [after.collateral, ...after.holdings.map(({ balance }) => balance)]
  if (!amounts.every((one) => isInStarkexRange('balance', one))) return 'OUT_OF_RANGE_BALANCE'
  const now = starkexMargin(after, marks)
  if (now.kind === 'unknown') return now.reason
  return { before: { account: funded, margin: was }, after: { account: after, margin: now } }
}

function traded(account: Account, { asset, base, cash }: StarkexChange, index: bigint): Account {
  const held = account.holdings.find((one) => one.asset === asset)
  const balance = (held?.balance ?? 0n) + base
  const others = account.holdings.filter((one) => one.asset !== asset)
  const holdings = balance === 0n ? others : [...others, { asset, balance, fundingIndex: index }]
  return { ...account, collateral: account.collateral + cash, holdings }
}

/** The holding neither grows nor turns. */
function isReducing({ holdings }: Account, { asset, base }: StarkexChange): boolean {
  const balance = holdings.find((one) => one.asset === asset)?.balance ?? 0n
  return base <= 0n ? -base <= balance : base <= -balance
}

/** validate_limit_order.cairo, order.cairo: collateral may be rounded either way. */
function orderRefusal(
  order: LimitOrder,
  {
    change: { base, cash },
    fee,
    filled,
  }: { readonly change: StarkexChange; readonly fee: bigint; readonly filled: bigint },
): StarkexTradeRefusal | undefined {
  const [size, collateral] = [base, cash].map((one) => (one < 0n ? -one : one))
  if (!size || collateral === undefined) return 'OUT_OF_RANGE_POSITIVE_AMOUNT'
  if (order.isBuying !== base < 0n || (cash !== 0n && cash > 0n !== base < 0n))
    return 'ILLEGAL_POSITION_TRANSITION_ENLARGING_SYNTHETIC_HOLDINGS'
  if (fee * order.collateral > order.fee * collateral) return 'INVALID_FULFILLMENT_FEE_RATIO'
  const isRatio = order.isBuying
    ? collateral === 0n || (collateral - 1n) * order.synthetic < order.collateral * size
    : size * order.collateral < order.synthetic * (collateral + 1n)
  if (!isRatio) return 'INVALID_FULFILLMENT_ASSETS_RATIO'
  return size > order.synthetic - filled ? 'INVALID_FULFILLMENT_INFO' : undefined
}

/**
 * The most that the account can get for a part by the order, or (below zero) the least that it must pay: within the order's
 * ratio without the unit that StarkEx leaves for rounding.
 */
export function starkexOrderLimit(order: LimitOrder, size: bigint): bigint {
  const sign = order.isBuying ? 1n : -1n
  return floorDiv(sign * order.collateral * size, order.synthetic)
}

function refusal(reason: StarkexTradeRefusal, account?: Account): StarkexTradeVerdict {
  return { kind: 'refused', reason, account: account?.id }
}
