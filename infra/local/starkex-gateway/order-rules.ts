import { pedersen } from '@scure/starknet'

import { isStarkSignature } from '../starknet-box/stark-signature.ts'
import type { CarriedState } from './carried-state.ts'
import type { GatewayConfig } from './gateway-config.ts'
import type { Liquidate } from './gateway-transaction.ts'
import { inRange } from './in-range.ts'
import { refuseUnless } from './refusal.ts'

export type Order = Liquidate['liquidator_order']

export type Fill = {
  readonly collateral: bigint
  readonly synthetic: bigint
  readonly fee: bigint
}

/**
 * The amounts of an order that are filled after this, by its id: that it is signed, has not run out, and is filled at its
 * ratio and fee or better, as often as it says (execute_limit_order.cairo, validate_limit_order.cairo, order.cairo). Throws a
 * `Refusal` otherwise. `seconds` undefined: it was checked before.
 */
export function filled(
  config: GatewayConfig,
  state: CarriedState,
  {
    order,
    fill,
    seconds,
  }: { readonly order: Order; readonly fill: Fill; readonly seconds: bigint | undefined },
): CarriedState['orders'] {
  refuseUnless(
    BigInt(order.asset_id_collateral) === BigInt(config.collateralAssetId),
    'INVALID_COLLATERAL_ASSET_ID',
    order.asset_id_collateral,
  )
  const collateral = inRange('POSITIVE_AMOUNT', order.amount_collateral, amountBound, 1n)
  const synthetic = inRange('AMOUNT', order.amount_synthetic, amountBound)
  const fee = inRange('AMOUNT', order.amount_fee, amountBound)
  refuseUnless(fill.synthetic >= 1n, 'OUT_OF_RANGE_POSITIVE_AMOUNT', 'no synthetic is traded')
  refuseUnless(
    fill.fee * collateral <= fee * fill.collateral,
    'INVALID_FULFILLMENT_FEE_RATIO',
    `a fee of ${fill.fee}`,
  )
  refuseUnless(
    isRatio(order, { collateral, synthetic }, fill),
    'INVALID_FULFILLMENT_ASSETS_RATIO',
    `${fill.collateral} for ${fill.synthetic}`,
  )
  const hash = orderHash(order)
  if (seconds !== undefined) checkSigned(order, hash, seconds)
  const id = hash >> 187n
  const done = state.orders.get(id) ?? 0n
  refuseUnless(
    fill.synthetic <= synthetic - done,
    'INVALID_FULFILLMENT_INFO',
    `${done} of ${synthetic} are filled already`,
  )
  return new Map([...state.orders, [id, done + fill.synthetic]])
}

/** Collateral may be rounded either way. */
function isRatio(
  order: Order,
  { collateral, synthetic }: { readonly collateral: bigint; readonly synthetic: bigint },
  fill: Fill,
): boolean {
  if (order.is_buying_synthetic)
    return (
      fill.collateral === 0n || (fill.collateral - 1n) * synthetic < collateral * fill.synthetic
    )
  return fill.synthetic * collateral < synthetic * (fill.collateral + 1n)
}

function checkSigned(order: Order, hash: bigint, seconds: bigint): void {
  const { r, s } = order.signature
  refuseUnless(
    isStarkSignature({ hash, publicKey: BigInt(order.public_key), r: BigInt(r), s: BigInt(s) }),
    'INVALID_SIGNATURE',
    `that of the order of ${order.public_key}`,
  )
  inRange('EXPIRATION_TIMESTAMP', order.expiration_timestamp, 1n << 32n, seconds / 3_600n)
  inRange('NONCE', order.nonce, 1n << 32n)
}

/** signature_message_hashes.cairo, limit_order_hash. */
function orderHash(order: Order): bigint {
  const [synthetic, collateral] = [order.asset_id_synthetic, order.asset_id_collateral].map(BigInt)
  const [size, cash] = [order.amount_synthetic, order.amount_collateral].map(BigInt)
  const isBuying = order.is_buying_synthetic
  const [sold, bought] = isBuying ? [collateral, synthetic] : [synthetic, collateral]
  const [give, take] = isBuying ? [cash, size] : [size, cash]
  const position = BigInt(order.position_id)
  const amounts =
    (give ?? 0n) * 2n ** 160n +
    (take ?? 0n) * 2n ** 96n +
    BigInt(order.amount_fee) * 2n ** 32n +
    BigInt(order.nonce)
  const rest =
    3n * 2n ** 241n +
    position * (2n ** 177n + 2n ** 113n + 2n ** 49n) +
    BigInt(order.expiration_timestamp) * 2n ** 17n
  const assets = hashed(hashed(sold ?? 0n, bought ?? 0n), collateral ?? 0n)
  return hashed(hashed(assets, amounts), rest)
}

function hashed(one: bigint, other: bigint): bigint {
  return BigInt(pedersen(one, other))
}

const amountBound = 1n << 64n
