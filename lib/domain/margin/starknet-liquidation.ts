import { type Account, healthOf, type Margin } from './account.ts'
import { ceilDiv } from './floor-div.ts'
import { isHealthyOrHealthier } from './starknet-healthier.ts'
import {
  coreMargin,
  type CoreGeneration,
  type CoreMargin,
  type CoreMark,
  type CoreMarks,
  holdingMargin,
  magnitude,
} from './starknet-margin.ts'
import { afterExchange, holdingOf, whyNoShrink } from './starknet-trade.ts'

/** One `liquidate`, as far as positions and amounts decide it. */
export type CoreLiquidation = {
  readonly generation: CoreGeneration
  readonly marks: CoreMarks
  readonly liquidated: Account
  readonly liquidator: Account
  readonly asset: string
  /** The change of the liquidated position's holding, and what it gets for it (below zero: pays). */
  readonly base: bigint
  readonly quote: bigint
  /** From the liquidated position to the insurance fund: no rule of the contract limits it. */
  readonly liquidatedFee: bigint
  /** From the liquidator to the fee position. */
  readonly liquidatorFee: bigint
  readonly interestLiquidated: bigint
  readonly interestLiquidator: bigint
}

export type CoreRefusal =
  | 'INVALID_SAME_POSITIONS'
  | 'INVALID_QUOTE_FEE_AMOUNT'
  | 'INVALID_ZERO_AMOUNT'
  | 'INVALID_AMOUNT_SIGN'
  | 'INVALID_BASE_CHANGE'
  | 'POSITION_IS_NOT_LIQUIDATABLE'
  | 'POSITION_IS_NOT_DELEVERAGABLE'
  | 'POSITION_IS_NOT_FAIR_DELEVERAGE'
  | 'POSITION_NOT_HEALTHY_NOR_HEALTHIER'
  | 'NO_DELEVERAGE_VAULT_SHARES'

export type CoreVerdict =
  | {
      readonly kind: 'accepted'
      /** The two positions afterwards: whose margin it was about, and the other one. */
      readonly position: Account
      readonly counterparty: Account
    }
  | {
      readonly kind: 'refused'
      readonly reason: CoreRefusal
      /** Whose position. */
      readonly position: string
    }
  /** Nothing can be said of a position's margin, and the contract would panic. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly position: string }

/** What `liquidate` would answer about positions and amounts, in the contract's order (liquidation_manager.cairo). */
export function judgeLiquidation(call: CoreLiquidation): CoreVerdict {
  const { liquidated, liquidator, asset, base, quote } = call
  if (liquidated.id === liquidator.id) return refused('INVALID_SAME_POSITIONS', liquidated)
  if (magnitude(quote) <= call.liquidatedFee) return refused('INVALID_QUOTE_FEE_AMOUNT', liquidated)
  if (magnitude(quote) <= call.liquidatorFee) return refused('INVALID_QUOTE_FEE_AMOUNT', liquidator)
  if (base === 0n || quote === 0n) return refused('INVALID_ZERO_AMOUNT', liquidated)
  if (base > 0n === quote > 0n) return refused('INVALID_AMOUNT_SIGN', liquidated)
  const grows = whyNoShrink(holdingOf(liquidated, asset).balance, base)
  if (grows) return refused(grows, liquidated)
  return settled({
    ...call,
    position: liquidated,
    counterparty: liquidator,
    positionFee: call.liquidatedFee,
    counterpartyFee: call.liquidatorFee,
    positionInterest: call.interestLiquidated,
    counterpartyInterest: call.interestLiquidator,
    whyNot: (before) =>
      healthOf(before) === 'healthy' ? 'POSITION_IS_NOT_LIQUIDATABLE' : undefined,
  })
}

/** Both sides of an exchange that one position's margin is about, and the other must bear. */
export function settled(call: {
  readonly generation: CoreGeneration
  readonly marks: CoreMarks
  readonly position: Account
  readonly counterparty: Account
  readonly asset: string
  readonly base: bigint
  readonly quote: bigint
  readonly positionFee: bigint
  readonly counterpartyFee: bigint
  readonly positionInterest: bigint
  readonly counterpartyInterest: bigint
  /** Asked of the position whose margin it is about: before anything else, and after it was found healthier. */
  readonly whyNot: (before: Margin) => CoreRefusal | undefined
  readonly whyUnfair?: (before: Margin, after: Margin) => CoreRefusal | undefined
}): CoreVerdict {
  const { generation, marks, position, counterparty, asset, base, quote } = call
  const mark = marks[asset]
  if (!mark) return { kind: 'unknown', reason: 'ASSET_NOT_EXISTS', position: position.id }
  const next = afterExchange(
    position,
    { asset, base, quote, fee: call.positionFee, interest: call.positionInterest },
    mark,
  )
  const other = afterExchange(
    counterparty,
    {
      asset,
      base: -base,
      quote: -quote,
      fee: call.counterpartyFee,
      interest: call.counterpartyInterest,
    },
    mark,
  )
  const [earlier, later] = marginsOf(call, position, next)
  if (earlier.kind === 'unknown') return unknown(earlier, position)
  if (later.kind === 'unknown') return unknown(later, position)
  const why = call.whyNot(earlier)
  if (why !== undefined) return refused(why, position)
  if (!isHealthyOrHealthier(earlier, later, generation))
    return refused('POSITION_NOT_HEALTHY_NOR_HEALTHIER', position)
  const unfair = call.whyUnfair?.(earlier, later)
  if (unfair !== undefined) return refused(unfair, position)
  const [theirs, afterwards] = marginsOf(call, counterparty, other)
  if (theirs.kind === 'unknown') return unknown(theirs, counterparty)
  if (afterwards.kind === 'unknown') return unknown(afterwards, counterparty)
  if (!isHealthyOrHealthier(theirs, afterwards, generation))
    return refused('POSITION_NOT_HEALTHY_NOR_HEALTHIER', counterparty)
  return { kind: 'accepted', position: next, counterparty: other }
}

/** The margin, and what of it one holding's change moves. */
export type MarginChange = {
  readonly before: Margin
  /** TV after, less what is paid or received; TR after. */
  readonly value: bigint
  readonly requirement: bigint
}

/** What becomes of a margin by a change of one holding, before any money moves. */
export function marginChange({
  margin,
  mark,
  balance,
  base,
  generation,
}: {
  readonly margin: Margin
  readonly mark: CoreMark
  readonly balance: bigint
  readonly base: bigint
  readonly generation: CoreGeneration
}): MarginChange {
  const now = holdingMargin(balance, mark, generation)
  const later = holdingMargin(balance + base, mark, generation)
  return {
    before: margin,
    value: margin.value + later.value - now.value,
    requirement: margin.requirement + later.requirement - now.requirement,
  }
}

/**
 * The smallest quote that the position must get for the contract to accept a reduction; below zero it may pay that much.
 * `deductions`: its fee less its interest.
 */
export function leastQuote(
  { before, value, requirement }: MarginChange,
  generation: CoreGeneration,
  deductions: bigint,
): bigint {
  return leastValue({ before, value, requirement }, generation) - value + deductions
}

/** The least TV afterwards with which the position is healthy or healthier. */
function leastValue({ before, requirement }: MarginChange, generation: CoreGeneration): bigint {
  const healthy = requirement
  if (generation !== 'D') {
    const falls = requirement > 0n && requirement < before.requirement
    return falls ? least(healthy, ratioValue(before, requirement)) : healthy
  }
  if (before.requirement === 0n)
    return requirement === 0n ? least(healthy, before.value + 1n) : healthy
  if (requirement === 0n) return least(healthy, before.value - before.requirement)
  return requirement <= before.requirement
    ? least(healthy, ratioValue(before, requirement))
    : healthy
}

/** `TV0 · TR1 / TR0`, rounded up: the TV that keeps the ratio. */
export function ratioValue(before: Margin, requirement: bigint): bigint {
  return ceilDiv(before.value * requirement, before.requirement)
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other
}

function refused(reason: CoreRefusal, { id }: Account): CoreVerdict {
  return { kind: 'refused', reason, position: id }
}

function unknown(
  { reason }: Extract<CoreMargin, { kind: 'unknown' }>,
  { id }: Account,
): CoreVerdict {
  return { kind: 'unknown', reason, position: id }
}

function marginsOf(
  { marks, generation }: Pick<CoreLiquidation, 'marks' | 'generation'>,
  before: Account,
  after: Account,
): readonly [CoreMargin, CoreMargin] {
  return [coreMargin(before, marks, generation), coreMargin(after, marks, generation)]
}
