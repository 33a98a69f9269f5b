import type { Holding } from '../margin/account.ts'

/** Names a block for ever: its number alone may come to mean another one. */
export type BlockId = { readonly number: number; readonly hash: `0x${string}` }

/** What an exchange's event says of its accounts. */
export type AccountEvent =
  /** There is such an account now; known ones stay as they are. */
  | { readonly kind: 'opened'; readonly account: string }
  /** Its cash is so much now. */
  | { readonly kind: 'collateral'; readonly account: string; readonly collateral: bigint }
  /** Its holding is this now, and its cash so much; a balance of zero is none. */
  | {
      readonly kind: 'position'
      readonly account: string
      readonly holding: Holding
      readonly collateral: bigint
    }
  /** All of it is this now. */
  | {
      readonly kind: 'whole'
      readonly account: string
      readonly collateral: bigint
      readonly holdings: readonly Holding[]
    }
  /** Its cash changes by so much. */
  | { readonly kind: 'cash'; readonly account: string; readonly amount: bigint }
  /** It pays the asset's funding up to now, then its balance and its cash change. */
  | {
      readonly kind: 'exchanged'
      readonly account: string
      readonly asset: string
      readonly base: bigint
      readonly quote: bigint
    }
  /** The asset's funding index is this now. */
  | { readonly kind: 'funding'; readonly asset: string; readonly index: bigint }
  /** Something happened to it that no event tells in full: only the contract knows. */
  | { readonly kind: 'unsaid'; readonly account: string; readonly what: string }
  /** An event of it that is not as the exchange writes such events. */
  | { readonly kind: 'unreadable'; readonly account: string; readonly what: string }

/** All of a block's events that concern accounts, in the chain's order. */
export type BlockEvents = {
  readonly block: BlockId
  readonly events: readonly PlacedEvent[]
}

/** `place` never falls within a block; what one event says of several accounts has one place. */
export type PlacedEvent = { readonly place: number; readonly event: AccountEvent }
