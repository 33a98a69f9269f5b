import type { CoreOffer, CoreSignedOrder } from './core-offer.ts'

/** What a limit order says beside an order: it pays from one position and may receive in another. */
export type CoreSpotOrder = CoreSignedOrder & { readonly receiver: string }

/** The base collateral's own id on every exchange that is known (starknet-perpetual, its deployments). */
export const baseCollateral = '0x1'

export function isSpotOrder(order: CoreSignedOrder): order is CoreSpotOrder {
  return order.receiver !== undefined
}

/** Limit orders that buy this asset and have something left, the best price for its owner first. */
export function spotOffersFor(
  asset: string,
  offers: readonly CoreOffer[],
): readonly (CoreOffer & { readonly order: CoreSpotOrder })[] {
  return offers
    .flatMap(({ order, filled }) => (isSpotOrder(order) ? [{ order, filled }] : []))
    .filter(({ order, filled }) => order.asset === asset && order.base > filled)
    .toSorted(({ order: a }, { order: b }) => {
      const [one, other] = [-a.quote * b.base, -b.quote * a.base]
      return one === other ? 0 : one > other ? -1 : 1
    })
}

/**
 * Whether quote and fee are in the base collateral. The contract settles in it whatever two equal ids an order of `liquidate`
 * says, so that somebody would sign for one token and pay in another.
 */
export function isInBaseCollateral({ collateral }: Pick<CoreSignedOrder, 'collateral'>): boolean {
  return BigInt(collateral) === BigInt(baseCollateral)
}
