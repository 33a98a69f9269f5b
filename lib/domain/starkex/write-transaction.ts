import type { TickPrice, TickSignature } from '../oracle-prices-tick.ts'
import { type Timestamp, unixSeconds } from '../time.ts'
import { inStarkexRange, type StarkexField } from './ranges.ts'
import type {
  SignedLimitOrder,
  StarkexDeleverage,
  StarkexFundingTick,
  StarkexLiquidate,
  StarkexPricesTick,
  StarkexTransaction,
} from './transaction.ts'

/**
 * A transaction as a gateway takes it, in JSON: amounts, ids of positions, prices and times are decimal text, other ids, keys
 * and signatures hex in lower case; assets and signers ascend as numbers (starkex-data-availability-committee fields.py,
 * l2beat/starkex-explorer PerpetualBatchInfoResponse.ts). Throws `StarkexRangeError` for what does not fit its field.
 */
export function writeStarkexTransaction(transaction: StarkexTransaction): string {
  return JSON.stringify(written(transaction))
}

function written(transaction: StarkexTransaction): object {
  switch (transaction.type) {
    case 'ORACLE_PRICES_TICK':
      return pricesTick(transaction)
    case 'FUNDING_TICK':
      return fundingTick(transaction)
    case 'LIQUIDATE':
      return liquidate(transaction)
    case 'DELEVERAGE':
      return deleverage(transaction)
  }
}

function pricesTick({ type, at, prices }: StarkexPricesTick): object {
  return {
    type,
    oracle_prices: byKey(prices, 'syntheticAsset', ({ assetId }) => assetId, assetPrice),
    timestamp: seconds(at),
  }
}

function assetPrice({ price, signed }: TickPrice): object {
  return {
    price: decimal('price', price),
    signed_prices: byKey(signed, 'felt', ({ key }) => key, signedPrice),
  }
}

function signedPrice({ externalAssetId, wire, at, r, s }: TickSignature): object {
  return {
    external_asset_id: hex('felt', externalAssetId),
    price: decimal('externalPrice', wire),
    timestamped_signature: { signature: signature({ r, s }), timestamp: seconds(at) },
  }
}

function fundingTick({ type, at, ticks }: StarkexFundingTick): object {
  const indices = byKey(
    ticks,
    'syntheticAsset',
    ({ assetId }) => assetId,
    ({ fundingIndex }) => decimal('fundingIndex', fundingIndex),
  )
  return { type, global_funding_indices: { indices, timestamp: seconds(at) } }
}

function liquidate(transaction: StarkexLiquidate): object {
  const { type, liquidated, order } = transaction
  return {
    type,
    liquidated_position_id: decimal('positionId', liquidated),
    liquidator_order: limitOrder(order),
    actual_collateral: decimal('amount', transaction.actualCollateral),
    actual_synthetic: decimal('positiveAmount', transaction.actualSynthetic),
    actual_liquidator_fee: decimal('amount', transaction.actualFee),
  }
}

function limitOrder(order: SignedLimitOrder): object {
  return {
    order_type: 'LIMIT_ORDER_WITH_FEES',
    nonce: decimal('nonce', order.nonce),
    public_key: hex('felt', order.publicKey),
    amount_synthetic: decimal('positiveAmount', order.synthetic),
    amount_collateral: decimal('positiveAmount', order.collateral),
    amount_fee: decimal('amount', order.fee),
    asset_id_synthetic: hex('syntheticAsset', order.syntheticAsset),
    asset_id_collateral: hex('felt', order.collateralAsset),
    position_id: decimal('positionId', order.position),
    is_buying_synthetic: order.isBuying,
    expiration_timestamp: decimal('time', order.expirationHours),
    signature: signature(order),
  }
}

function deleverage({ type, ...transaction }: StarkexDeleverage): object {
  return {
    type,
    deleveraged_position_id: decimal('positionId', transaction.deleveraged),
    deleverager_position_id: decimal('positionId', transaction.deleverager),
    synthetic_asset_id: hex('syntheticAsset', transaction.asset),
    amount_synthetic: decimal('amount', transaction.synthetic),
    amount_collateral: decimal('amount', transaction.collateral),
    deleverager_is_buying_synthetic: transaction.isDeleveragerBuying,
  }
}

function signature({ r, s }: { readonly r: bigint; readonly s: bigint }): object {
  return { r: hex('felt', r), s: hex('felt', s) }
}

function byKey<T>(
  items: readonly T[],
  field: StarkexField,
  keyOf: (item: T) => bigint,
  valueOf: (item: T) => unknown,
): object {
  const ascending = items.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
  return Object.fromEntries(ascending.map((item) => [hex(field, keyOf(item)), valueOf(item)]))
}

function seconds(at: Timestamp): string {
  return decimal('time', BigInt(unixSeconds(at)))
}

function decimal(field: StarkexField, value: bigint): string {
  return String(inStarkexRange(field, value))
}

function hex(field: StarkexField, value: bigint): string {
  return `0x${inStarkexRange(field, value).toString(16)}`
}
