import { createHash } from 'node:crypto'

import type {
  CoreOffer,
  CoreSignedOrder,
  CoreWish,
} from '../../../domain/liquidation/core-offer.ts'
import { unixSeconds } from '../../../domain/time.ts'
import type { Clock, OrderSource, StarkKey } from '../../../ports.ts'
import { limitOrderHash, orderHash } from './order-hash.ts'
import { termsOf } from './order-terms.ts'
import { limitOrderOf } from './spot-liquidation.ts'

/** The collateral's own id on every exchange that is known (starknet-perpetual). */
export const collateralAsset = '0x1'

/** Long enough for a transaction that is late, too short for anybody to keep the order for another day. */
const lifeSeconds = 600

/** Orders of our own position, for exactly what is wished: each slot has others, so that none is used up by an earlier one. */
export function ownOrders({
  engine,
  position,
  key,
  chainId,
  clock,
}: {
  readonly engine: string
  readonly position: string
  /** Of the position's owner; asked for with the first order. */
  readonly key: () => Promise<StarkKey>
  readonly chainId: `0x${string}`
  readonly clock: Clock
}): OrderSource {
  async function offer(
    owner: StarkKey,
    { isSpot, ...wish }: CoreWish,
    slot: number,
  ): Promise<CoreOffer> {
    const signer = { publicKey: BigInt(owner.publicKey), chainId: BigInt(chainId) }
    const terms = {
      position,
      // A spot holding is bought by a limit order, which names who receives it.
      ...(isSpot && { receiver: position }),
      ...wish,
      collateral: collateralAsset,
      fee: 0n,
      expiration: BigInt(unixSeconds(clock.now()) + lifeSeconds),
      salt: saltOf(`${engine} ${position} ${wish.asset} ${wish.base > 0n} ${slot}`),
    }
    const hash = isSpot
      ? limitOrderHash(limitOrderOf({ ...terms, receiver: position }), signer)
      : orderHash(hashedOrder(terms), signer)
    const signature = await owner.sign(hash)
    return { order: { ...terms, publicKey: owner.publicKey, signature }, filled: 0n }
  }

  return {
    name: `position ${position}`,
    async offers(wishes, slot) {
      const owner = await key()
      const offers = await Promise.all(wishes.map(async (wish) => offer(owner, wish, slot)))
      return { offers, refused: [] }
    },
  }
}

/** As it is hashed. */
export function hashedOrder(order: Omit<CoreSignedOrder, 'publicKey' | 'signature'>) {
  return { positionId: BigInt(order.position), ...termsOf(order) }
}

/** 31 bytes are always a felt. */
function saltOf(text: string): bigint {
  return BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 62)}`)
}
