import { getStarkKey, sign } from '@scure/starknet'

import { orderHash } from '../../../../lib/adapters/engines/starknet-perpetual/order-hash.ts'
import { encoded } from './recorded-accounts.ts'
import type { Generation } from './vectors.ts'

/** In the base collateral, without a fee, and good for long. */
type AnOrder = {
  readonly positionId: bigint
  readonly baseAssetId: bigint
  readonly baseAmount: bigint
  readonly quoteAmount: bigint
  readonly expiration?: bigint
  readonly salt?: bigint
}

const ownerKey = '0x1357'
/** Of all positions of our own. */
export const ownerPublicKey = BigInt(getStarkKey(ownerKey))
const sepolia = 0x534e5f5345504f4c4941n

function whole(order: AnOrder) {
  const inCollateral = { quoteAssetId: 1n, feeAssetId: 1n, feeAmount: 0n }
  return { expiration: 4_000_000_000n, salt: 1n, ...order, ...inCollateral }
}

/** As the ABI has it. */
export function anOrder(order: AnOrder) {
  const all = whole(order)
  return {
    position_id: all.positionId,
    base_asset_id: all.baseAssetId,
    base_amount: all.baseAmount,
    quote_asset_id: all.quoteAssetId,
    quote_amount: all.quoteAmount,
    fee_asset_id: all.feeAssetId,
    fee_amount: all.feeAmount,
    expiration: all.expiration,
    salt: all.salt,
  }
}

/** By the owner of all positions of our own. */
export function signedHash(hash: bigint): readonly [bigint, bigint] {
  const { r, s } = sign(hash.toString(16), ownerKey.slice(2))
  return [r, s]
}

function signatureOf(order: AnOrder): readonly [bigint, bigint] {
  return signedHash(orderHash(whole(order), { publicKey: ownerPublicKey, chainId: sepolia }))
}

type ATrade = { readonly operatorNonce: bigint; readonly a: AnOrder; readonly b: AnOrder }

function settlement({ a, b }: Pick<ATrade, 'a' | 'b'>) {
  return {
    signature_a: signatureOf(a),
    signature_b: signatureOf(b),
    order_a: anOrder(a),
    order_b: anOrder(b),
    actual_amount_base_a: a.baseAmount,
    actual_amount_quote_a: a.quoteAmount,
    actual_fee_a: 0n,
    actual_fee_b: 0n,
  }
}

/** What is settled is all of `a`, without fees: generation C. */
export function tradeCalldata(trade: ATrade): readonly bigint[] {
  const args = { operator_nonce: trade.operatorNonce, ...settlement(trade) }
  return encoded('C', 'trade', args)
}

/** The same alone in the list of generation D. */
export function multiTradeCalldata({ operatorNonce, a, b }: ATrade): readonly bigint[] {
  return encoded('D', 'multi_trade', multiTradeArgs(operatorNonce, [{ a, b }]))
}

type InterestedTrade = Pick<ATrade, 'a' | 'b'> & {
  readonly interestA?: bigint
  readonly interestB?: bigint
}

export function multiTradeArgs(operatorNonce: bigint, trades: readonly InterestedTrade[]) {
  const settlements = trades.map(({ a, b, interestA = 0n, interestB = 0n }) => ({
    ...settlement({ a, b }),
    interest_amount_a: interestA,
    interest_amount_b: interestB,
  }))
  return { operator_nonce: operatorNonce, trades: settlements }
}

/** What is settled is the other side of all of `order`, without fees. */
export function liquidateCalldata(
  liquidation: {
    readonly operatorNonce: bigint
    readonly liquidated: bigint
    readonly order: AnOrder
    /** A part of it. */
    readonly actual?: { readonly base: bigint; readonly quote: bigint }
  },
  generation: Generation = 'C',
): readonly bigint[] {
  const { operatorNonce, liquidated, order, actual } = liquidation
  const args = {
    operator_nonce: operatorNonce,
    liquidator_signature: signatureOf(order),
    liquidated_position_id: liquidated,
    liquidator_order: anOrder(order),
    actual_amount_base_liquidated: actual?.base ?? -order.baseAmount,
    actual_amount_quote_liquidated: actual?.quote ?? -order.quoteAmount,
    actual_liquidator_fee: 0n,
    liquidated_fee_amount: 0n,
    interest_amount_liquidated: 0n,
    interest_amount_liquidator: 0n,
  }
  return encoded(generation, 'liquidate', args)
}
