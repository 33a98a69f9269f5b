import { existingAsset } from './core-rules-access.ts'
import type { CoreState } from './core-state.ts'
import { assertBytes, assertFelt } from './panic.ts'

export type Order = {
  readonly positionId: bigint
  readonly baseAssetId: bigint
  /** Smallest units, signed: positive buys. The quote has the other sign. */
  readonly baseAmount: bigint
  readonly quoteAssetId: bigint
  readonly quoteAmount: bigint
  readonly feeAssetId: bigint
  readonly feeAmount: bigint
  /** Seconds; the order is good until the end of this second. */
  readonly expiration: bigint
  readonly salt: bigint
}

/** What is settled between two orders, seen from `a`. */
type Settlement = {
  readonly a: Order
  readonly b: Order
  readonly base: bigint
  readonly quote: bigint
  readonly feeA: bigint
  readonly feeB: bigint
}

/** The base collateral's id: an argument of the real constructor, which every known deployment sets to 1. */
const collateralId = 1n

const feePosition = 0n

/** All that the contract checks of two orders before it looks at their positions (starknet-perpetual utils.cairo, `validate_trade`, and order.cairo). */
export function checkTrade(core: CoreState, now: bigint, settlement: Settlement): void {
  const { a, b, base, quote, feeA, feeB } = settlement
  const asset = existingAsset(core, a.baseAssetId)
  assertFelt(a.baseAssetId === b.baseAssetId, 'DIFFERENT_BASE_ASSET_IDS')
  assertFelt(asset.status === 'ACTIVE', 'SYNTHETIC_NOT_ACTIVE')
  assertFelt(a.positionId !== b.positionId, 'INVALID_SAME_POSITIONS')
  checkOrder(a, now)
  checkOrder(b, now)
  assertFelt(base !== 0n && quote !== 0n, 'INVALID_ZERO_AMOUNT')
  assertFelt(!haveSameSign(a.quoteAmount, b.quoteAmount), 'INVALID_QUOTE_AMOUNT_SIGN')
  assertFelt(haveSameSign(a.baseAmount, base), 'INVALID_ACTUAL_BASE_SIGN')
  assertFelt(haveSameSign(a.quoteAmount, quote), 'INVALID_ACTUAL_QUOTE_SIGN')
  checkActual(a, { base, quote, fee: feeA })
  checkActual(b, { base: -base, quote: -quote, fee: feeB })
}

/** The text of an id that is not the collateral's lacks its first letter in generation C. */
function checkOrder(order: Order, now: bigint): void {
  const { positionId, baseAmount, quoteAmount, feeAmount } = order
  assertFelt(positionId !== feePosition, 'CANT_TRADE_WITH_FEE_POSITION')
  assertFelt(abs(quoteAmount) > feeAmount, 'INVALID_QUOTE_FEE_AMOUNT')
  assertFelt(baseAmount !== 0n, 'INVALID_ZERO_AMOUNT')
  assertBytes(now <= order.expiration, `ORDER_EXPIRED ${named(positionId)}`)
  assertFelt(!haveSameSign(quoteAmount, baseAmount), 'INVALID_AMOUNT_SIGN')
  const isInCollateral = order.quoteAssetId === collateralId && order.feeAssetId === collateralId
  assertFelt(isInCollateral, 'UOTE_ASSET_ID_NOT_COLLATERAL')
}

/** No worse a price and no higher a fee than the order allows, as exact fractions of the quote. */
function checkActual(
  order: Order,
  actual: { readonly base: bigint; readonly quote: bigint; readonly fee: bigint },
): void {
  const allowed = abs(order.quoteAmount)
  const settled = abs(actual.quote)
  assertBytes(
    order.baseAmount * settled <= actual.base * allowed,
    `ILLEGAL_BASE_TO_QUOTE_RATIO ${named(order.positionId)}`,
  )
  assertBytes(
    actual.fee * allowed <= order.feeAmount * settled,
    `ILLEGAL_FEE_TO_QUOTE_RATIO ${named(order.positionId)}`,
  )
}

function named(positionId: bigint): string {
  return `position_id: PositionId { value: ${positionId} }`
}

function haveSameSign(one: bigint, other: bigint): boolean {
  return one < 0n === other < 0n
}

function abs(amount: bigint): bigint {
  return amount < 0n ? -amount : amount
}
