import { Decimal } from '../decimal.ts'
import { ceilDiv } from './floor-div.ts'

// dYdX v4's liquidation arithmetic (protocol/x/clob/keeper/liquidations.go, subaccounts), for engines that have no rule of
// their own, and to compare with. TNC: total net collateral; NNV: net notional value; MMR: maintenance margin requirement.

/**
 * At which quote a part of a position can be closed so that the account is left with as much for each unit of requirement as
 * before, in quote quantums: above zero where it gets it. Rounds up, in favour of the account.
 */
export function bankruptcyQuote({
  notionalChange,
  requirementChange,
  value,
  requirement,
}: {
  /** Signed: closing a long takes its notional away. */
  readonly notionalChange: bigint
  readonly requirementChange: bigint
  readonly value: bigint
  /** Above zero. */
  readonly requirement: bigint
}): bigint {
  const freed = requirementChange < 0n ? -requirementChange : requirementChange
  return ceilDiv(-notionalChange * requirement - value * freed, requirement)
}

/** Of one position, in whole coins and quote units. */
export type FillableView = {
  readonly size: Decimal
  /** Signed as the size. */
  readonly notional: Decimal
  readonly positionRequirement: Decimal
  readonly value: Decimal
  readonly requirement: Decimal
  /** How fast the price moves away from the oracle's as the account sinks. */
  readonly bankruptcyAdjustment: Decimal
  /** How far it may move, in parts of the position's requirement. */
  readonly spreadToRequirement: Decimal
}

/**
 * The worst price at which a liquidation order may fill. The published formula has the wrong sign for shorts; this is the
 * code's.
 */
export function fillablePrice(view: FillableView): Decimal {
  const { size, notional, positionRequirement, value, requirement } = view
  const sunk = new Decimal(1).minus(value.div(requirement)).mul(view.bankruptcyAdjustment)
  const rate = Decimal.min(1, Decimal.max(0, sunk))
  const spread = rate.mul(view.spreadToRequirement).mul(positionRequirement)
  return notional.minus(spread).div(size)
}

/** What the insurance fund gets by a fill, below zero where it pays. Quotes are above zero where the account gets them. */
export function insuranceDelta({
  quote,
  bankruptcy,
  maxFee,
}: {
  readonly quote: Decimal
  readonly bankruptcy: Decimal
  /** In parts of the quote. */
  readonly maxFee: Decimal
}): Decimal {
  const left = quote.minus(bankruptcy)
  return left.gt(0) ? Decimal.min(quote.abs().mul(maxFee), left) : left
}

export type LiquidationSizeRule = {
  /** Quote units. */
  readonly minNotional: Decimal
  /** Of the position. */
  readonly minPortion: Decimal
  /** What one account may still be liquidated by in this block. */
  readonly blockCapLeft: Decimal
  readonly step: Decimal
}

/** How much of a position one order takes: at least a step, at most all of it. */
export function liquidationSize(size: Decimal, price: Decimal, rule: LiquidationSizeRule): Decimal {
  const whole = size.abs()
  const notional = whole.mul(price)
  const wanted = Decimal.max(rule.minNotional, notional.mul(rule.minPortion))
  const allowed = Decimal.min(wanted, rule.blockCapLeft)
  const stepped = allowed.div(price).div(rule.step).floor().mul(rule.step)
  return Decimal.min(whole, Decimal.max(rule.step, stepped))
}

/** The price at which an account meets its requirement no more, all other prices as they are; undefined where none does. */
export function liquidationPrice({
  value,
  size,
  price,
  maintenance,
  otherRequirement,
}: {
  readonly value: Decimal
  readonly size: Decimal
  readonly price: Decimal
  /** In parts of the notional. */
  readonly maintenance: Decimal
  readonly otherRequirement: Decimal
}): Decimal | undefined {
  const slope = size.abs().mul(maintenance).minus(size)
  if (slope.isZero()) return undefined
  const found = value.minus(size.mul(price)).minus(otherRequirement).div(slope)
  return found.gt(0) ? found : undefined
}
