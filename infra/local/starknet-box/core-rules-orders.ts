import type { Order } from '../../../lib/adapters/engines/starknet-perpetual/order-hash.ts'
import { magnitude } from '../../../lib/domain/margin/starknet-margin.ts'
import { existingAsset } from './core-rules-access.ts'
import { feePosition, named } from './core-rules-positions.ts'
import type { CoreState } from './core-state.ts'
import { felt } from './felt.ts'
import { assertBytes, assertFelt } from './panic.ts'

/** What is settled between two orders, seen from `a`. */
export type Settlement = {
  readonly a: Order
  readonly b: Order
  readonly base: bigint
  readonly quote: bigint
  readonly feeA: bigint
  readonly feeB: bigint
  /** What both sides must be quoted and charged in. */
  readonly quoteId: bigint
}

/** The base collateral's id: an argument of the real constructor, which every known deployment sets to 1. */
export const collateralId = 1n

/** All that the contract checks of two orders before it looks at their positions (starknet-perpetual utils.cairo, `validate_trade`, and order.cairo). */
export function checkTrade(core: CoreState, now: bigint, settlement: Settlement): void {
  const { a, b, base, quote, feeA, feeB } = settlement
  const asset = existingAsset(core, a.baseAssetId)
  assertFelt(a.baseAssetId === b.baseAssetId, 'DIFFERENT_BASE_ASSET_IDS')
  assertFelt(asset.status === 'ACTIVE', 'SYNTHETIC_NOT_ACTIVE')
  assertFelt(a.positionId !== b.positionId, 'INVALID_SAME_POSITIONS')
  for (const order of [a, b]) checkOrder(core, now, { order, quoteId: settlement.quoteId })
  assertFelt(base !== 0n && quote !== 0n, 'INVALID_ZERO_AMOUNT')
  assertFelt(!haveSameSign(a.quoteAmount, b.quoteAmount), 'INVALID_QUOTE_AMOUNT_SIGN')
  assertFelt(haveSameSign(a.baseAmount, base), 'INVALID_ACTUAL_BASE_SIGN')
  assertFelt(haveSameSign(a.quoteAmount, quote), 'INVALID_ACTUAL_QUOTE_SIGN')
  checkActual(a, { base, quote, fee: feeA })
  checkActual(b, { base: -base, quote: -quote, fee: feeB })
}

/** The text of an id that is not the collateral's lacks its first letter in generation C. */
function checkOrder(
  { generation }: CoreState,
  now: bigint,
  { order, quoteId }: { readonly order: Order; readonly quoteId: bigint },
): void {
  const { positionId, baseAmount, quoteAmount, feeAmount } = order
  assertFelt(positionId !== feePosition, 'CANT_TRADE_WITH_FEE_POSITION')
  assertFelt(magnitude(quoteAmount) > feeAmount, 'INVALID_QUOTE_FEE_AMOUNT')
  assertFelt(baseAmount !== 0n, 'INVALID_ZERO_AMOUNT')
  assertBytes(now <= order.expiration, `ORDER_EXPIRED ${named(positionId)}`)
  assertFelt(!haveSameSign(quoteAmount, baseAmount), 'INVALID_AMOUNT_SIGN')
  const isInCollateral = order.quoteAssetId === quoteId && order.feeAssetId === quoteId
  const text = 'QUOTE_ASSET_ID_NOT_COLLATERAL'
  assertFelt(isInCollateral, generation === 'D' ? text : text.slice(1))
}

/** No worse a price and no higher a fee than the order allows, as exact fractions of the quote. */
function checkActual(
  order: Order,
  actual: { readonly base: bigint; readonly quote: bigint; readonly fee: bigint },
): void {
  const allowed = magnitude(order.quoteAmount)
  const settled = magnitude(actual.quote)
  assertBytes(
    order.baseAmount * settled <= actual.base * allowed,
    `ILLEGAL_BASE_TO_QUOTE_RATIO ${named(order.positionId)}`,
  )
  assertBytes(
    actual.fee * allowed <= order.feeAmount * settled,
    `ILLEGAL_FEE_TO_QUOTE_RATIO ${named(order.positionId)}`,
  )
}

function haveSameSign(one: bigint, other: bigint): boolean {
  return one < 0n === other < 0n
}

/** An order as events tell it. */
export function orderWords(order: Order): readonly bigint[] {
  const { baseAssetId, baseAmount, quoteAssetId, quoteAmount, feeAssetId, feeAmount } = order
  return [baseAssetId, baseAmount, quoteAssetId, quoteAmount, feeAssetId, feeAmount].map(felt)
}
