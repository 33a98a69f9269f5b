/** An order as its owner signed it (starknet-perpetual types/order.cairo). */
export type CoreSignedOrder = {
  /** The liquidator's position. */
  readonly position: string
  /** Who gets the asset: a limit order, of which the position above pays. Absent in an order, where both are one. */
  readonly receiver?: string
  readonly asset: string
  /** Smallest units, signed: positive buys. The quote has the other sign; both say the worst price that is taken. */
  readonly base: bigint
  readonly quote: bigint
  /** The collateral, for quote and fee alike. */
  readonly collateral: string
  /** The most that the liquidator pays to the exchange for the whole of it. */
  readonly fee: bigint
  /** Seconds; good until the end of this second. */
  readonly expiration: bigint
  readonly salt: bigint
  /** Of the position's owner. */
  readonly publicKey: `0x${string}`
  readonly signature: { readonly r: bigint; readonly s: bigint }
}

/** What somebody would take over. */
export type CoreOffer = {
  readonly order: CoreSignedOrder
  /** How much of its base is used up, or on its way to be. */
  readonly filled: bigint
}

/** What an order is wanted for: so much of an asset, at no worse than this. */
export type CoreWish = Pick<CoreSignedOrder, 'asset' | 'base' | 'quote'> & {
  /** Spot holdings are sold by limit orders. */
  readonly isSpot?: true
}
