import type { IntentState } from './intent.ts'
import type { Timestamp } from './time.ts'
import type { Block, SignedTransaction } from './transaction.ts'

/** One sending account on one chain: the next nonce, and every transaction that is not yet final. */
export type Lane = {
  /** `chain/account`. */
  readonly id: string
  /** The next free account nonce as far as this lane has signed; undefined until the chain was asked once. */
  readonly nextNonce: number | undefined
  readonly inFlight: readonly LaneTransaction[]
  /** The newest block with a transaction that the lane is done with: a node without it knows nothing of our nonces. Absent until the first. */
  readonly settledIn?: Block
  /** Work that this row has decided never to send, until each intent has been told; absent where there is none. */
  readonly dropped?: readonly DroppedWork[]
  /** Grows by one with every write; a write is refused where it is not the one that was read. */
  readonly version: number
}

/** Decided here and not in the intent's own row: whoever claims work must win the lane's row, so whoever drops it must too. */
export type DroppedWork = {
  readonly intent: string
  readonly state: Extract<IntentState, { kind: 'failed' }>
}

/** One nonce of a lane, and everything ever signed for it: whichever lands settles its intents. */
export type LaneTransaction = {
  readonly nonce: number
  /** Engines with their own sequence (starknet-perpetual `operator_nonce`): the first one used. */
  readonly sequence: string | undefined
  readonly intents: readonly string[]
  readonly attempts: readonly LaneAttempt[]
  readonly state: 'prepared' | 'sent' | 'included'
  readonly block: Block | undefined
  readonly outcome: 'succeeded' | 'reverted' | undefined
  /** When its inclusion was first seen, by our clock. */
  readonly seenAt: Timestamp | undefined
  /** Since when the chain's nonce has passed this one without any attempt being found. */
  readonly lostSince: Timestamp | undefined
}

export type LaneAttempt = Omit<SignedTransaction, 'bytes'> & {
  /** Undefined once it was in a block and the lane went on: a row that kept them all would outgrow the store. */
  readonly bytes: string | undefined
  readonly signedAt: Timestamp
  readonly sentAt: Timestamp | undefined
}
