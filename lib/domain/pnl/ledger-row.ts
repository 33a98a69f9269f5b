import type { Decimal } from '../decimal.ts'
import type { BatchReach, LiquidationEvent } from '../liquidation/liquidation-event.ts'
import type { Market } from '../market.ts'
import type { Timestamp } from '../time.ts'

/**
 * What liquidations brought and cost, booked once what they are made of is final. Never changed afterwards. Money is in the
 * collateral's smallest units, fees in the fee token's.
 */
export type LedgerRow = {
  /** Names the event or the part of work: booking it twice is booking it once. */
  readonly id: string
  /** When it happened; for work that is in no block, when it was decided. */
  readonly at: Timestamp
} & (OurLiquidation | NoEffect | Missed | OurDeleverage)

/** A liquidation by our account. */
export type OurLiquidation = {
  readonly kind: 'won'
  readonly event: Extract<LiquidationEvent, { kind: 'liquidated' }>
  /** Undefined where no intent of ours has that transaction: sent by hand, or its intent is gone. */
  readonly work: BookedWork | undefined
  readonly fee: BookedFee
}

/** Part of our work that changed nothing. */
export type NoEffect = {
  readonly kind: 'no-effect'
  readonly market: Market
  readonly account: string
  /**
   * `lost`: its transaction is in a block and the exchange refused this part there, since somebody was first or prices moved;
   * or it was taken by a StarkEx exchange whose batches went on without it. All others are of the whole intent, or of what it
   * went without.
   */
  readonly outcome: 'lost' | 'reverted' | 'expired' | 'refused' | 'superseded'
  readonly reason: string
  /** What it would have brought, as it was decided. */
  readonly expected: bigint
  readonly work: BookedWork
  readonly fee: BookedFee
}

/** A liquidation that somebody else had. */
export type Missed = {
  readonly kind: 'missed'
  readonly event: Extract<LiquidationEvent, { kind: 'liquidated' }>
  /** A word: `unseen`, `raced`, `idle`, or why our plan skipped it or our slot was refused. */
  readonly why: string
}

/** An account that was deleveraged: whoever sent it, it says that the insurance fund could not pay. */
export type OurDeleverage = {
  readonly kind: 'deleveraged'
  readonly event: Extract<LiquidationEvent, { kind: 'deleveraged' }>
}

export type BookedWork = {
  readonly intent: string
  /** The transaction's bytes that were signed for its nonce, one after another. Absent where it was never signed. */
  readonly attempts: number | undefined
  readonly decidedAt: Timestamp
  readonly signedAt: Timestamp | undefined
  readonly sentAt: Timestamp | undefined
  /** Of the block that it is in; on StarkEx, when its gateway was seen to have it. */
  readonly includedAt: Timestamp | undefined
  readonly seenAt: Timestamp | undefined
  /**
   * What was paid more, or got less, for the position than when it was decided, in the collateral's smallest units and in
   * basis points of that; absent where nothing was taken over.
   */
  readonly slippage?: { readonly cash: bigint; readonly bps: Decimal }
}

/** This row's share of what its transaction cost. */
export type BookedFee = {
  readonly token: string
  /** Undefined where the chain has not said. */
  readonly paid: bigint | undefined
  /** Undefined where no price of the token is known of that time. */
  readonly usd:
    | { readonly value: Decimal; readonly price: Decimal; readonly at: Timestamp }
    | undefined
}

/** How far an exchange's books go. */
export type LedgerCursor = {
  /** The last block whose events are booked. */
  readonly block: { readonly number: number; readonly hash: `0x${string}` }
  /** On StarkEx: the batch that stands for it. */
  readonly batch?: BatchReach
  readonly blockAt: Timestamp
  /** All work that was decided before is booked. */
  readonly workBefore: Timestamp
  /** The insurance fund after that block; undefined where the exchange tells of none. */
  readonly fund: bigint | undefined
  /** Its balance at the end of each of the newest days that it changed on, oldest first; empty without one. */
  readonly fundDays: readonly { readonly day: string; readonly balance: bigint }[]
  /** Decimals of the collateral, and of the fee token. */
  readonly decimals: { readonly collateral: number; readonly fee: number }
  /** Grows by one with every write. */
  readonly version: number
}

/** How far they go, as people name it: a batch has an id of its own beside the number of the block that it stands for. */
export function placeOf({ block, batch }: Pick<LedgerCursor, 'block' | 'batch'>): {
  readonly unit: 'block' | 'batch'
  readonly number: number
} {
  return batch ? { unit: 'batch', number: batch.id } : { unit: 'block', number: block.number }
}

/** Up to which number of its lane's blocks work is booked: a gateway counts transactions. */
export function workReach({ block, batch }: Pick<LedgerCursor, 'block' | 'batch'>): number {
  return batch ? batch.nextTransaction : block.number
}
