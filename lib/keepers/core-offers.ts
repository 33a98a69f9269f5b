import type { CoreOffer } from '../domain/liquidation/core-offer.ts'
import { coreWishes } from '../domain/liquidation/core-wishes.ts'
import type { LiquidationLook } from '../domain/liquidation/liquidation-look.ts'
import { spotWishes } from '../domain/liquidation/plan-spot-liquidations.ts'
import type { Account } from '../domain/margin/account.ts'
import type { Book } from '../domain/positions/book.ts'
import type { EngineLiquidation } from '../ports.ts'
import { messageOf } from './message-of.ts'

/** The assets that somebody holds, as far as the index has heard of them. */
export function heldIn(book: Book | undefined): readonly string[] {
  return book ? [...book.indexes.keys()] : []
}

/** Whoever pays or receives by these. */
export function partiesOf(offers: readonly CoreOffer[]): readonly string[] {
  const parties = offers.flatMap(({ order: { position, receiver = position } }) => [
    position,
    receiver,
  ])
  return [...new Set(parties)]
}

/** Signed orders for all that these accounts hold, where the exchange wants such. */
export async function offersFor(
  liquidation: EngineLiquidation,
  {
    accounts,
    look,
    slot,
  }: {
    readonly accounts: readonly Account[]
    readonly look: LiquidationLook
    readonly slot: number
  },
): Promise<{ readonly offers: readonly CoreOffer[]; readonly silent: readonly string[] }> {
  const { orders = [] } = liquidation
  if (look.kind !== 'starknet-perpetual' || accounts.length === 0) return { offers: [], silent: [] }
  const wishes = [...coreWishes(accounts, look), ...spotWishes(accounts, look)]
  const asked = await Promise.allSettled(orders.map(async (source) => source.offers(wishes, slot)))
  return {
    offers: asked.flatMap((one) => (one.status === 'fulfilled' ? one.value.offers : [])),
    silent: asked.flatMap((one, at) =>
      one.status === 'rejected'
        ? [`${orders[at]?.name ?? ''}: ${messageOf(one.reason)}`]
        : one.value.refused,
    ),
  }
}
