import type { Market } from '../market.ts'
import type { Block } from '../transaction.ts'

/** What an exchange tells of a liquidation that took place, or of a deleverage. Money is in the collateral's smallest units. */
export type LiquidationEvent = Liquidated | Deleveraged

type Happened = {
  readonly block: Block
  readonly transaction: `0x${string}`
  /** Its place among all logs of the block. */
  readonly place: number
  readonly account: string
  /** The market as the exchange names it in holdings. */
  readonly asset: string
  /** Undefined where the network file does not have it. */
  readonly market: Market | undefined
  /** The change of the account's balance, and what it got for it (below zero: paid). */
  readonly base: bigint
  readonly cash: bigint
}

export type Liquidated = Happened & {
  readonly kind: 'liquidated'
  readonly liquidator: string
  /** The mark, in the exchange's own units. */
  readonly price: bigint
  readonly penalty: bigint
  /** The liquidator's part of the penalty; the rest is the insurance fund's. */
  readonly reward: bigint
  /** What the insurance fund paid. */
  readonly cover: bigint
  /** The funding that the liquidator's own holding settled by it (below zero: paid); absent where the exchange does not tell. */
  readonly funding?: bigint
}

export type Deleveraged = Happened & {
  readonly kind: 'deleveraged'
  readonly counterparty: string
  /** What the account lost beside the mark, and the counterparty did not get. */
  readonly loss: bigint
}

export type LiquidationEvents =
  | {
      readonly kind: 'events'
      /** The last block that was read. */
      readonly through: Block
      /** In their order on the chain. */
      readonly events: readonly LiquidationEvent[]
      /** The insurance fund's balance after the last change of it; undefined where nothing changed it. */
      readonly insuranceFund: bigint | undefined
    }
  /** The chain does not have both of the blocks now. */
  | { readonly kind: 'gone' }
