import type { Market } from '../market.ts'
import type { Timestamp } from '../time.ts'
import type { Block } from '../transaction.ts'

/** What an exchange tells of a liquidation that took place, or of a deleverage. Money is in the collateral's smallest units. */
export type LiquidationEvent = Liquidated | Deleveraged

type Happened = {
  readonly block: Block
  /** Its hash; on StarkEx, which knows none, the id that it was handed in with. */
  readonly transaction: `0x${string}`
  /** Its place among all logs of the block; on StarkEx among what was executed for that id. */
  readonly place: number
  /** On StarkEx, the id of the batch that stands for a block. */
  readonly batch?: number
  /** By the exchange's own time, where its block's is another. */
  readonly at?: Timestamp
  readonly account: string
  /** The market as the exchange names it in holdings. */
  readonly asset: string
  /** Undefined where the network file does not have it. */
  readonly market: Market | undefined
  /**
   * The change of the account's balance, and what it got for it (below zero: paid): on StarkEx what was really paid, elsewhere
   * by the mark.
   */
  readonly base: bigint
  readonly cash: bigint
}

export type Liquidated = Happened & {
  readonly kind: 'liquidated'
  readonly liquidator: string
  /** The mark, in the exchange's own units; undefined where nobody tells it, and then penalty and reward with it. */
  readonly price: bigint | undefined
  readonly penalty: bigint | undefined
  /** The liquidator's part of the penalty; the rest is the exchange's where there is `exchangeFee`, else the insurance fund's. */
  readonly reward: bigint | undefined
  /** What the liquidator's order paid to the exchange; absent where no event tells of that. */
  readonly exchangeFee?: bigint
  /** What the insurance fund paid. */
  readonly cover: bigint
  /** The funding that the liquidator's own holding settled by it (below zero: paid); absent where the exchange does not tell. */
  readonly funding?: bigint
}

export type Deleveraged = Happened & {
  readonly kind: 'deleveraged'
  readonly counterparty: string
  /** What the counterparty got less than by the mark; undefined where nobody tells the mark. */
  readonly loss: bigint | undefined
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
      /** Where batches stand for blocks, how far they go. */
      readonly batch?: BatchReach
    }
  /** The chain does not have both of the blocks now. */
  | { readonly kind: 'gone' }

/** How far the batches of a StarkEx exchange go. */
export type BatchReach = {
  /** The last one's own id. */
  readonly id: number
  /** The first id of a transaction that is in none of them. */
  readonly nextTransaction: number
}

export function happenedAt({ at, block }: Pick<Happened, 'at' | 'block'>): Timestamp {
  return at ?? block.time
}
