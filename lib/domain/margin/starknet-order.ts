import { magnitude } from './starknet-margin.ts'

/** What a liquidator has signed, or what stands for the liquidated position's consent. */
export type CoreOrder = {
  readonly position: string
  readonly base: bigint
  readonly quote: bigint
  readonly fee: bigint
  /** Whether quote and fee are in the base collateral. Generation D settles in it whatever they say, as long as both are equal. */
  readonly isInCollateral: boolean
  /** Whether it has run out; one that does so in this second has not. */
  readonly isExpired: boolean
}

/** What is settled, seen from the order's own position. */
export type CoreFill = { readonly base: bigint; readonly quote: bigint; readonly fee: bigint }

export type OrderRefusal =
  | 'CANT_TRADE_WITH_FEE_POSITION'
  | 'INVALID_QUOTE_FEE_AMOUNT'
  | 'INVALID_ZERO_AMOUNT'
  | 'ORDER_EXPIRED'
  | 'INVALID_AMOUNT_SIGN'
  | 'QUOTE_ASSET_ID_NOT_COLLATERAL'
  | 'INVALID_QUOTE_AMOUNT_SIGN'
  | 'ILLEGAL_BASE_TO_QUOTE_RATIO'
  | 'ILLEGAL_FEE_TO_QUOTE_RATIO'
  | 'FULFILLMENT_EXCEEDED'

export type RefusedOrder = { readonly reason: OrderRefusal; readonly position: string }

export const feePosition = '0'
export const insuranceFundPosition = '1'

/**
 * Why two orders cannot be settled, by what can be seen of them alone (utils.cairo `validate_trade`, order.cairo). The first
 * one is of exactly what is settled. `filled`: how much of the second one's base is used up.
 */
export function whyOrdersRefused(
  settled: CoreOrder,
  order: CoreOrder,
  { fill, filled }: { readonly fill: CoreFill; readonly filled: bigint },
): RefusedOrder | undefined {
  for (const one of [settled, order]) {
    const reason = whyOrderRefused(one)
    if (reason) return { reason, position: one.position }
  }
  if (fill.base === 0n || fill.quote === 0n) return refused('INVALID_ZERO_AMOUNT', order)
  if (settled.quote < 0n === order.quote < 0n) return refused('INVALID_QUOTE_AMOUNT_SIGN', order)
  const reason = whyFillRefused(order, fill)
  if (reason) return refused(reason, order)
  return filled + magnitude(fill.base) > magnitude(order.base)
    ? refused('FULFILLMENT_EXCEEDED', order)
    : undefined
}

function whyOrderRefused(order: CoreOrder): OrderRefusal | undefined {
  const { position, base, quote, fee, isExpired, isInCollateral } = order
  if (position === feePosition) return 'CANT_TRADE_WITH_FEE_POSITION'
  if (magnitude(quote) <= fee) return 'INVALID_QUOTE_FEE_AMOUNT'
  if (base === 0n) return 'INVALID_ZERO_AMOUNT'
  if (isExpired) return 'ORDER_EXPIRED'
  if (base < 0n === quote < 0n) return 'INVALID_AMOUNT_SIGN'
  return isInCollateral ? undefined : 'QUOTE_ASSET_ID_NOT_COLLATERAL'
}

/** No worse a price and no higher a fee than the order allows, as exact fractions of the quote. */
function whyFillRefused(order: CoreOrder, fill: CoreFill): OrderRefusal | undefined {
  const allowed = magnitude(order.quote)
  const settled = magnitude(fill.quote)
  if (order.base * settled > fill.base * allowed) return 'ILLEGAL_BASE_TO_QUOTE_RATIO'
  return fill.fee * allowed > order.fee * settled ? 'ILLEGAL_FEE_TO_QUOTE_RATIO' : undefined
}

function refused(reason: OrderRefusal, { position }: CoreOrder): RefusedOrder {
  return { reason, position }
}
