import type { EngineAction } from './action.ts'
import { type LeftOut, without } from './left-out.ts'
import type { Timestamp } from './time.ts'
import type { Block } from './transaction.ts'

/**
 * One unit of work from decided to settled. Its id names the work, such as
 * `push-prices:evm-engine:round-29412345`, so deciding it twice stores it once.
 */
export type Intent = {
  readonly id: string
  /** The lane that sends it: `chain/account`. */
  readonly lane: string
  readonly action: EngineAction
  readonly createdAt: Timestamp
  /** After this it is not worth sending any more. */
  readonly deadline: Timestamp
  readonly state: IntentState
}

export type IntentState =
  | { readonly kind: 'waiting' }
  /** In a lane's row, with a nonce and signed bytes; the lane row is what decides. */
  | {
      readonly kind: 'claimed'
      readonly nonce: number
      readonly hash: `0x${string}`
      readonly sentAt: Timestamp | undefined
      /** What the transaction goes without; absent where it has all. */
      readonly left?: readonly LeftOut[]
    }
  /** In a block that may still be lost. */
  | ({
      readonly kind: 'included'
      /** Why it had no effect there; undefined where it had. */
      readonly reverted: string | undefined
    } & Inclusion)
  /** In a block old enough not to be lost. */
  | ({ readonly kind: 'settled' } & Inclusion)
  /** Never took effect and never will. */
  | {
      readonly kind: 'failed'
      readonly why: 'reverted' | 'expired' | 'refused' | 'superseded'
      readonly reason: string
      readonly hash: `0x${string}` | undefined
      readonly left?: readonly LeftOut[]
      /** Where it was reverted, or its nonce used for nothing, and what that cost; absent where it is in no block. */
      readonly inclusion?: Inclusion
    }

export type Inclusion = {
  readonly nonce: number
  readonly hash: `0x${string}`
  /** When the first of its attempts was signed, and how many were; absent where the row is of a version that did not keep it. */
  readonly signedAt?: Timestamp
  readonly attempts?: number
  readonly sentAt: Timestamp | undefined
  readonly block: Block
  /** When we first saw it in a block, by our clock. */
  readonly seenAt: Timestamp
  /** In the fee token's smallest unit; absent where the chain has not said. */
  readonly feePaid?: bigint
  /** What the transaction went without; absent where it had all. */
  readonly left?: readonly LeftOut[]
}

/** What its transaction does: that may be less than was decided. */
export function carried({ action, state }: Intent): EngineAction {
  return without(action, leftOf(state))
}

/** What its transaction goes without. */
export function leftOf(state: IntentState): readonly LeftOut[] {
  return state.kind === 'waiting' ? [] : (state.left ?? [])
}

export function isFinal(state: IntentState): boolean {
  return state.kind === 'settled' || state.kind === 'failed'
}
