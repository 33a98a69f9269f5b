import {
  limitOrderHash,
  type LimitOrder,
  type Order,
  orderHash,
} from '../../../lib/adapters/engines/starknet-perpetual/order-hash.ts'
import { magnitude } from '../../../lib/domain/margin/starknet-margin.ts'
import { named } from './core-rules-positions.ts'
import type { CorePosition, CoreState } from './core-state.ts'
import { hex } from './felt.ts'
import { assertBytes, assertFelt } from './panic.ts'
import { isStarkSignature } from './stark-signature.ts'

export function checkOwnerSignature(
  { ownerPublicKey }: CorePosition,
  hash: bigint,
  signature: readonly bigint[],
): void {
  const [r, s] = signature
  const isValid =
    signature.length === 2 &&
    r !== undefined &&
    s !== undefined &&
    isStarkSignature({ hash, publicKey: ownerPublicKey, r, s })
  assertFelt(isValid, 'INVALID_STARK_KEY_SIGNATURE')
}

export function orderHashOf({ chainId }: CoreState, order: Order, owner: CorePosition): bigint {
  return orderHash(order, { publicKey: owner.ownerPublicKey, chainId })
}

export function limitOrderHashOf(
  { chainId }: CoreState,
  order: LimitOrder,
  owner: CorePosition,
): bigint {
  return limitOrderHash(order, { publicKey: owner.ownerPublicKey, chainId })
}

/** Counts what is settled of an order; never more than the whole of it. */
export function fulfilled(
  core: CoreState,
  fill: {
    readonly position: bigint
    readonly hash: bigint
    readonly ordered: bigint
    readonly actual: bigint
  },
): CoreState {
  const total = (core.fulfilled[hex(fill.hash)] ?? 0n) + magnitude(fill.actual)
  assertBytes(total <= magnitude(fill.ordered), `FULFILLMENT_EXCEEDED ${named(fill.position)}`)
  return { ...core, fulfilled: { ...core.fulfilled, [hex(fill.hash)]: total } }
}
