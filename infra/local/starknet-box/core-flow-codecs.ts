import type {
  LimitOrder,
  Order,
} from '../../../lib/adapters/engines/starknet-perpetual/order-hash.ts'
import { type Codec, felt252, i64, span, structOf, unsigned } from './cairo-codec.ts'
import type { PositionInterest } from './core-rules-interest.ts'

export const signature = span(felt252)
export const positionId = unsigned(32)
export const amount = unsigned(64)
export const operatorNonce = unsigned(64)
export const seconds = unsigned(64)

const terms = {
  baseAssetId: felt252,
  baseAmount: i64,
  quoteAssetId: felt252,
  quoteAmount: i64,
  feeAssetId: felt252,
  feeAmount: amount,
  expiration: seconds,
  salt: felt252,
}

/** The members of structs, as ABIs list them too. */
export const orderMembers = { positionId, ...terms }
export const limitOrderMembers = {
  sourcePosition: positionId,
  receivePosition: positionId,
  ...terms,
}

export const order: Codec<Order> = structOf('starknet_box::Order', orderMembers)
export const limitOrder: Codec<LimitOrder> = structOf('starknet_box::LimitOrder', limitOrderMembers)

/** What both sides of a trade have, in generation D. */
export const settlementMembers = {
  signatureA: signature,
  signatureB: signature,
  orderA: order,
  orderB: order,
  actualAmountBaseA: i64,
  actualAmountQuoteA: i64,
  actualFeeA: amount,
  actualFeeB: amount,
  interestAmountA: i64,
  interestAmountB: i64,
}

export const settlement = structOf('starknet_box::Settlement', settlementMembers)

/** A pair in the ABI. */
export const positionInterest: Codec<PositionInterest> = structOf(
  `(${positionId.type}, ${i64.type})`,
  { positionId, amount: i64 },
)
