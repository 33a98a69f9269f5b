import { Decimal } from '../decimal.ts'

/** How much of an unhealthy position is closed at once, where the contract leaves it to whoever liquidates. */
export type CloseRule =
  | { readonly kind: 'whole' }
  /**
   * Step by step until requirement / value is below a target, each step paying a share of the requirement as a penalty
   * (Paradex; its text says 70 %, its table 50 %, so the fee is a parameter).
   */
  | {
      readonly kind: 'steps'
      readonly fee: Decimal
      readonly target: Decimal
      readonly step: Decimal
    }
  /** A first part of large positions, all of small ones and of accounts far gone (Hyperliquid). */
  | {
      readonly kind: 'first-part'
      readonly aboveNotional: Decimal
      readonly part: Decimal
      /** Below this share of the requirement everything goes. */
      readonly backstop: Decimal
    }
  /** As little as leaves the account with `target` times its requirement, after a fee on what is closed. */
  | { readonly kind: 'target'; readonly fee: Decimal; readonly target: Decimal }

export type CloseView = {
  readonly value: Decimal
  readonly requirement: Decimal
  /** Of the position. */
  readonly notional: Decimal
}

/** In parts of the position, above zero and at most one. */
export function closeShare(rule: CloseRule, view: CloseView): Decimal {
  switch (rule.kind) {
    case 'whole':
      return one
    case 'steps':
      return steppedShare(rule, view)
    case 'first-part':
      return firstPart(rule, view)
    case 'target':
      return targetShare(rule, view)
  }
}

function steppedShare(rule: Extract<CloseRule, { kind: 'steps' }>, view: CloseView): Decimal {
  for (let share = rule.step; share.lt(one); share = share.plus(rule.step)) {
    const requirement = view.requirement.mul(one.minus(share))
    const value = view.value.minus(view.requirement.mul(share).mul(rule.fee))
    if (value.gt(0) && requirement.lt(value.mul(rule.target))) return share
  }
  return one
}

function firstPart(rule: Extract<CloseRule, { kind: 'first-part' }>, view: CloseView): Decimal {
  const isFarGone = view.value.lt(view.requirement.mul(rule.backstop))
  return isFarGone || view.notional.lte(rule.aboveNotional) ? one : rule.part
}

/** `(t · R - V) / (N · (t · m - f))` with m = R / N; without a solution, all of it. */
function targetShare(rule: Extract<CloseRule, { kind: 'target' }>, view: CloseView): Decimal {
  const freed = view.requirement.mul(rule.target).minus(view.notional.mul(rule.fee))
  if (freed.lte(0)) return one
  const share = view.requirement.mul(rule.target).minus(view.value).div(freed)
  return share.lte(0) || share.gt(one) ? one : share
}

/** What covers a shortage of margin, in coins, after both fees (Drift; a quote is worth one). */
export function sizeToCover({
  shortage,
  price,
  maintenance,
  liquidatorFee,
  insuranceFee,
}: {
  readonly shortage: Decimal
  readonly price: Decimal
  /** In parts of the notional, as the fees are. */
  readonly maintenance: Decimal
  readonly liquidatorFee: Decimal
  readonly insuranceFee: Decimal
}): Decimal | undefined {
  const freed = price.mul(maintenance.minus(liquidatorFee)).minus(price.mul(insuranceFee))
  return freed.gt(0) ? shortage.div(freed) : undefined
}

const one = new Decimal(1)
