import type { Decimal } from './decimal.ts'
import type { IntentState } from './intent.ts'
import type { LeftOut } from './left-out.ts'
import type { Market } from './market.ts'
import type { Spending } from './spending.ts'
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
  /** What engines would refuse, as their newest pushes showed; absent where there is nothing. */
  readonly refused?: readonly RefusedMarket[]
  /** What engines were told that tell nobody themselves; absent where there is nothing. */
  readonly told?: readonly ToldPrice[]
  /** And the funding that was settled there; absent where there is none. */
  readonly toldFunding?: readonly ToldFunding[]
  /** And the newest time that it was given, which none may go back behind; absent until the first. */
  readonly toldTime?: Timestamp
  /**
   * Taken by a StarkEx gateway, and in no batch that counts yet; oldest first. Absent where there is none, and where batches
   * are not followed.
   */
  readonly unproven?: readonly LaneTransaction[]
  /** The account could not pay: nothing is signed or sent until it can; absent where it can. */
  readonly noFunds?: NoFunds
  /** Absent until the first transaction was final. */
  readonly spending?: Spending
  /** Grows by one with every write; a write is refused where it is not the one that was read. */
  readonly version: number
}

export type RefusedMarket = LeftOut & {
  readonly engine: string
  /** Since when each push had to go without it. */
  readonly since: Timestamp
}

/** The newest price of one market that took effect. */
export type ToldPrice = {
  readonly engine: string
  readonly market: Market
  readonly price: Decimal
  readonly publishedAt: Timestamp
}

/** The newest funding index of one market that took effect. */
export type ToldFunding = {
  readonly engine: string
  readonly market: Market
  /** In the exchange's own units. */
  readonly index: bigint
  /** By the exchange's own time. */
  readonly at: Timestamp
  /** How it stood before, should it be taken back; absent where it is the first. */
  readonly before?: { readonly index: bigint; readonly at: Timestamp }
}

export type NoFunds = {
  readonly since: Timestamp
  /** When it was last tried to pay: fees fall, too. */
  readonly triedAt: Timestamp
  /** In the fee token's smallest unit. */
  readonly need: bigint
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
  /** It brings the account itself into being, which nothing else can do at its nonce; absent where it does not. */
  readonly deploys?: true
  /** What it goes without; absent where it has all of its intents. */
  readonly left?: readonly LeftOut[]
  /** After this the work is not sent any more, and its nonce is used for nothing; absent where it never is too late. */
  readonly deadline?: Timestamp
  /** The right to send for its engine, where several lanes may; absent where only this one does. */
  readonly lease?: { readonly name: string; readonly holder: string; readonly fence: number }
  /** Why no node would take it, so that its nonce is used for nothing; absent where that was not so. */
  readonly refusal?: string
  readonly attempts: readonly LaneAttempt[]
  readonly state: 'prepared' | 'sent' | 'included'
  readonly block: Block | undefined
  readonly outcome: 'succeeded' | 'reverted' | undefined
  /** The attempt in the block, and what it cost there; absent where it is in none. */
  readonly landed?: { readonly hash: `0x${string}`; readonly feePaid: bigint }
  /** When its inclusion was first seen, by our clock. */
  readonly seenAt: Timestamp | undefined
  /** Since when the chain's nonce has passed this one without any attempt being found. */
  readonly lostSince: Timestamp | undefined
  /** The number of the newest block then; absent with it. */
  readonly lostAt?: number
}

export type LaneAttempt = Omit<SignedTransaction, 'bytes'> & {
  /** Undefined once it was in a block and the lane went on: a row that kept them all would outgrow the store. */
  readonly bytes: string | undefined
  /** It only uses the nonce, in place of work that came too late; absent where it does the work. */
  readonly nothing?: true
  readonly signedAt: Timestamp
  readonly sentAt: Timestamp | undefined
}
