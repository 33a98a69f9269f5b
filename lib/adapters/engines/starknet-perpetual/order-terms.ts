import type { CoreSignedOrder } from '../../../domain/liquidation/core-offer.ts'

/** What both kinds of order say beside whose they are, as it is hashed. */
export function termsOf(order: Omit<CoreSignedOrder, 'publicKey' | 'signature'>) {
  const collateral = BigInt(order.collateral)
  return {
    baseAssetId: BigInt(order.asset),
    baseAmount: order.base,
    quoteAssetId: collateral,
    quoteAmount: order.quote,
    feeAssetId: collateral,
    feeAmount: order.fee,
    expiration: order.expiration,
    salt: order.salt,
  }
}
