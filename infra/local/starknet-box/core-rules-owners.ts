import {
  type Order,
  orderHash,
} from '../../../lib/adapters/engines/starknet-perpetual/order-hash.ts'
import { onlyGovernor, useOperatorNonce } from './core-rules-access.ts'
import { emptyPosition, withPositions } from './core-rules-positions.ts'
import type { CoreCall, CoreEffect, CoreState } from './core-state.ts'
import { hex } from './felt.ts'
import { assertFelt, bytesPanic, Panic } from './panic.ts'
import { selectorOf } from './selectors.ts'

// Texts: starknet-perpetual positions.cairo, fulfillment.cairo and forced_requests_manager.cairo.

export type NewPosition = {
  readonly operatorNonce: bigint
  readonly positionId: bigint
  readonly ownerPublicKey: bigint
  readonly ownerAccount: bigint
}

/** The clock of its interest starts with it. */
export function newPosition(core: CoreState, call: CoreCall, args: NewPosition): CoreEffect {
  const used = useOperatorNonce(core, call.caller, args.operatorNonce)
  const { positionId, ownerPublicKey, ownerAccount } = args
  assertFelt(core.positions[`${positionId}`] === undefined, 'POSITION_ALREADY_EXISTS')
  assertFelt(ownerPublicKey !== 0n, 'INVALID_ZERO_PUBLIC_KEY')
  const position = {
    ...emptyPosition(positionId),
    ownerPublicKey,
    ownerAccount,
    lastInterest: core.interest.exchangeTime,
  }
  return {
    core: withPositions(used, [position]),
    events: [
      { keys: [selectorOf('NewPosition'), positionId, ownerPublicKey, ownerAccount], data: [] },
    ],
  }
}

/** `clean_fulfillments`: anybody may have the fills of expired orders forgotten. */
export function cleanFulfillments(
  core: CoreState,
  { now }: CoreCall,
  {
    orders,
    publicKeys,
  }: { readonly orders: readonly Order[]; readonly publicKeys: readonly bigint[] },
): CoreEffect {
  assertFelt(orders.length === publicKeys.length, 'LENGTH_MISMATCH')
  const left = { ...core.fulfilled }
  for (const [at, order] of orders.entries()) {
    assertFelt(order.expiration < now, 'ORDER_IS_NOT_EXPIRED')
    const signer = { publicKey: publicKeys[at] ?? 0n, chainId: core.chainId }
    delete left[hex(orderHash(order, signer))]
  }
  return { core: { ...core, fulfilled: left }, events: [] }
}

/** Generation D has them, and refuses them all. */
export function forcedRequest(): never {
  throw new Panic(bytesPanic('forced requests are disabled'))
}

/** Changes nothing that anybody can see: what it opens is closed for everybody. */
export function enableEscapeHatch(core: CoreState, call: CoreCall): CoreEffect {
  onlyGovernor(core, call, 'ONLY_APP_GOVERNOR')
  return { core, events: [] }
}
