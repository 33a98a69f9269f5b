import type { Finding, Incident } from '../../domain/incident.ts'
import type { Lane } from '../../domain/lane.ts'
import type { GovernanceEvent } from '../../domain/parameters/governance.ts'
import type { PeersLook } from '../../domain/peer-sight.ts'
import type { Apart } from '../../domain/positions/reading.ts'
import type { PriceRound } from '../../domain/price-round.ts'
import type { Batch, ProvingLane } from '../../domain/proving/batch.ts'
import type { ProvingRules } from '../../domain/proving/proving-rules.ts'
import type { RpcNode } from '../../domain/rpc-node.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { Block } from '../../domain/transaction.ts'
import type { Links } from '../../domain/watch/causes.ts'
import type { WatchParameters } from '../../domain/watch/parameters.ts'
import type { SystemMemory } from '../../domain/watch/system-memory.ts'
import type { SystemRules } from '../../domain/watch/system-rules.ts'
import type { Uptime } from '../../domain/watch/uptime.ts'
import type { EngineState, HistorySubject, VenueFailure } from '../../ports.ts'

/** What could be seen, or why it could not. */
export type Seen<T> =
  | { readonly kind: 'seen'; readonly value: T }
  | { readonly kind: 'unseen'; readonly reason: string }

/** Everything that the liveness rules judge, at one time. */
export type WatchView = {
  readonly now: Timestamp
  readonly chains: Readonly<Record<string, Seen<Block>>>
  /** The RPC nodes of each chain, as this worker has known them. */
  readonly rpc: Readonly<Record<string, readonly RpcNode[]>>
  readonly engines: Readonly<Record<string, Seen<EngineState>>>
  /** When each exchange whose funding is settled here had it settled last. */
  readonly funding: Readonly<Record<string, Seen<Timestamp | undefined>>>
  /** When each exchange whose own time is kept here had it brought forward last. */
  readonly exchangeTimes: Readonly<Record<string, Seen<Timestamp>>>
  readonly lanes: readonly LaneSeen[]
  /** Lanes in the table that are none of ours. */
  readonly leftBehind: readonly Lane[]
  readonly nodes: readonly NodeSight[]
  /** The newest looks at what nodes reported for each engine, newest first. */
  readonly peers: readonly PeersSeen[]
  /** The newest looks at the accounts of each engine, newest first. */
  readonly positions: readonly PositionsSeen[]
  /** What liquidations of each exchange brought, and who is below the requirement there. */
  readonly books: readonly BooksSeen[]
  /** Batches of each proving lane that has begun. */
  readonly batches: readonly BatchesSeen[]
  /** What is remembered of each system that is only watched. */
  readonly systems: readonly SystemMemory[]
  /** What was said of each chain before. */
  readonly uptimes: readonly Uptime[]
  /** Of each job that decides: which of its last slots were done and not kept. */
  readonly kept: readonly HistorySeen[]
  /** What was kept and is in no file yet. */
  readonly unpacked: readonly (HistorySubject & { readonly oldestAt: Timestamp })[]
  /** What became of parameters by themselves. */
  readonly governed: GovernedSeen
  /** What people have been told of and is not resolved. */
  readonly open: readonly Incident[]
  readonly jobs: readonly {
    readonly job: string
    readonly subject: string
    readonly lastSlotAt: Timestamp | undefined
  }[]
}

export type GovernedSeen = {
  /** The newest sets that guards took back. */
  readonly takenBack: readonly GovernanceEvent[]
  /** Absent where the active set is here what it says. */
  readonly apart?: { readonly difference: string; readonly since: Timestamp }
}

export type LaneSeen = {
  readonly id: string
  readonly lane: Lane | undefined
  /** What its account has, and its next nonce by included blocks. */
  readonly account: Seen<{ readonly balance: bigint; readonly nonce: number }>
}

/** The newest round of one oracle node of ours; undefined where it has had none. */
export type NodeSight = {
  readonly node: string
  readonly prices: PriceRound | undefined
  readonly failures: readonly VenueFailure[]
}

/** What one look of push-prices showed of the nodes. */
export type PeersSeen = PeersLook & { readonly engine: string; readonly at: Timestamp }

/** What one look of index-positions showed of an exchange's accounts. */
export type PositionsSeen = {
  readonly engine: string
  readonly at: Timestamp
  /** How many accounts were compared. */
  readonly compared: number
  /** Why it were no more, where the contract could not be asked. */
  readonly stopped?: string | undefined
  /** Where they were not as the contract has them, which has been corrected. */
  readonly apart: SomeApart
  /** Those that the contract could not be asked about. */
  readonly doubts: SomeApart
}

/** What `liquidate` saw of an exchange last, and what its books say. */
export type BooksSeen = {
  readonly engine: string
  /** Undefined where no slot of ours can be read. */
  readonly slot:
    | {
        readonly at: Timestamp
        readonly accounts: number | undefined
        readonly candidates: number
        readonly liquidatable: number
        readonly bankrupt: number
        readonly inFlight: number
      }
    | undefined
  /** In the collateral's smallest units; `lastsDays` where it shrinks. Undefined where the exchange tells of none. */
  readonly fund:
    | {
        readonly balance: bigint
        readonly decimals: number
        readonly lastsDays: number | undefined
      }
    | undefined
  /** What was booked since then. */
  readonly lately: {
    readonly since: Timestamp
    readonly won: number
    readonly missed: number
    readonly why: Readonly<Record<string, number>>
  }
  /** Undefined where nothing was booked yet. */
  readonly booked: { readonly block: number; readonly blockAt: Timestamp } | undefined
  /** Where batches are booked, since when there is one more that counts; absent where blocks are. */
  readonly waitsSince?: Seen<Timestamp | undefined>
}

/** How a proving lane stands. */
export type BatchesSeen = {
  readonly lane: ProvingLane
  /** All that are not final or superseded, oldest first. */
  readonly rows: readonly Batch[]
  /** What was over before anybody was told of it. */
  readonly past: readonly Finding[]
}

/** A job's last slots that were done, beside what was kept of them. */
export type HistorySeen = {
  readonly job: string
  readonly subject: string
  readonly looked: number
  /** Newest first. */
  readonly missing: readonly { readonly slot: number; readonly at: Timestamp }[]
}

type SomeApart = { readonly count: number; readonly first: readonly Apart[] }

/** What must hold, from the network file. */
export type WatchRules = {
  readonly chains: Readonly<
    Record<string, { readonly blockSeconds: number; readonly stallFactor: number }>
  >
  /** The markets of each engine. */
  readonly engines: Readonly<Record<string, readonly string[]>>
  /** Seconds of an epoch of each exchange whose funding is settled here. */
  readonly epochSeconds: Readonly<Record<string, number>>
  /** Exchanges whose own time is kept here. */
  readonly timed: readonly string[]
  /**
   * Of each exchange whose liquidations are booked here: its chain, and how long a block there takes to be final; absent where
   * batches are booked.
   */
  readonly booked: Readonly<Record<string, { readonly chain: string; readonly finalMs?: number }>>
  /** Of each proving lane: the chain on which it is settled, and by when each state must be left. */
  readonly proving: Readonly<
    Record<string, { readonly chain: string } & Pick<ProvingRules, 'deadlineMs'>>
  >
  /** Of each system that is only watched. */
  /** Of the rules for watched systems, and for the word on each chain. */
  readonly numbers: WatchParameters
  readonly systems: Readonly<Record<string, SystemRules>>
  /** Whether somebody outside waits for a sign of life. */
  readonly showsLife: boolean
  /** What of all this stands on what. */
  readonly links: Links
  /** How far each conversion may be from 1, in bps, before people are told. */
  readonly legs: Readonly<Record<string, number>>
  /** Seconds of a round, and of a slot of each job. */
  readonly everySeconds: Readonly<Record<string, number>>
  /** By market: from which age on a posted price is late. */
  readonly maxPushAgeMs: Readonly<Record<string, number>>
  readonly maxTransactionMs: number
  readonly gasMoneyDays: number
  readonly gasMoneyTransactions: number
  readonly noPriceMs: number
  readonly venueDownMs: number
  readonly venueFrozenMs: number
  readonly fundFloorUsd: number
  readonly fundDays: number
  readonly missedPercent: number
  readonly booksBehindMs: number
  /** Whether history is packed here. */
  readonly packs: boolean
  readonly historyUnpackedMs: number
  readonly plannerSilentSlots: number
  readonly oracleMissingRounds: number
}
