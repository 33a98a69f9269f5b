import type { LiquidationPart } from '../../../domain/action.ts'
import { type CoreSpotOrder, isSpotOrder } from '../../../domain/liquidation/spot-order.ts'
import type { Call } from '../../../domain/transaction.ts'
import { feltHex, feltOfSigned } from '../../starknet-felt.ts'
import type { LimitOrder } from './order-hash.ts'
import { termsOf } from './order-terms.ts'

/** Whether a part sells a spot holding by a limit order, which is a call of its own. */
export function isSpotPart(
  part: LiquidationPart,
): part is LiquidationPart & { readonly order: CoreSpotOrder } {
  return part.order !== undefined && isSpotOrder(part.order)
}

/**
 * `liquidate_spot_asset(operator_nonce, liquidated_position_id, liquidator_order, liquidator_signature,
 * actual_amount_spot_collateral, actual_amount_base_collateral, actual_liquidator_fee, liquidated_fee_amount` and three interests
 * `)` of generation D. Nothing is asked of the liquidator beside the price, and no interest is paid.
 */
export function spotLiquidationCall(
  { core, nonce }: { readonly core: `0x${string}`; readonly nonce: bigint },
  part: LiquidationPart & { readonly order: CoreSpotOrder },
): Call {
  const { account, base, cash, penalty, reward, order } = part
  const { r, s } = order.signature
  const limit = limitOrderOf(order)
  const words = [
    nonce,
    BigInt(account),
    limit.sourcePosition,
    limit.receivePosition,
    limit.baseAssetId,
    feltOfSigned(limit.baseAmount),
    limit.quoteAssetId,
    feltOfSigned(limit.quoteAmount),
    limit.feeAssetId,
    limit.feeAmount,
    limit.expiration,
    limit.salt,
    2n,
    r,
    s,
    feltOfSigned(base),
    feltOfSigned(cash - reward),
    0n,
    penalty - reward,
    0n,
    0n,
    0n,
  ]
  const calldata = words.map(feltHex)
  return { kind: 'starknet', to: core, entrypoint: 'liquidate_spot_asset', calldata }
}

/** As it is hashed and signed. */
export function limitOrderOf(order: Omit<CoreSpotOrder, 'publicKey' | 'signature'>): LimitOrder {
  return {
    sourcePosition: BigInt(order.position),
    receivePosition: BigInt(order.receiver),
    ...termsOf(order),
  }
}
