import type { Timestamp } from '../time.ts'

/**
 * What one look at a watched system showed: the only thing that its rules ever judge. Sights are stored as they are, so that
 * the same sights give the same incidents again.
 */
export type SystemSight = {
  readonly at: Timestamp
  readonly heads: readonly HeadSight[]
  readonly progress: readonly ProgressSight[]
  readonly deadlines: readonly DeadlineSight[]
  /** What is configured on chain, in words that are the same as long as it is: implementations, program hashes, roles, … */
  readonly settings: Readonly<Record<string, string>>
  readonly levels: readonly LevelSight[]
  readonly changes: readonly ChangeSight[]
  readonly marks: readonly MarkSight[]
  /** Absent where the system has no settlement. */
  readonly finality?: FinalitySight
  /** Parts that could not be seen this time, and why: what is missing of them is not gone. */
  readonly unseen: readonly UnseenPart[]
  /** Where the next look goes on, in the words of whoever looked. */
  readonly cursor: Readonly<Record<string, string>>
}

/** The parts of a sight that can be missing. `progress:state-update` and the like name one of several. */
export type SightPart =
  | 'heads'
  | `progress:${string}`
  | `deadlines:${string}`
  | 'settings'
  | `level:${string}`
  | 'changes'
  | 'marks'
  | 'finality'

export type UnseenPart = {
  readonly part: SightPart
  readonly reason: string
  /** The chain whose nodes tell it differently: nobody can say which of them is right. */
  readonly apart?: string
}

/** The newest block of one of the system's chains, as one place tells it. */
export type HeadSight = {
  /** `l2`, `l1`, `indexer`: each is judged alone. */
  readonly chain: string
  /** Who was asked: a host, never a whole URL. */
  readonly place: string
  readonly answer:
    | {
        readonly kind: 'head'
        readonly number: number
        readonly hash: string
        readonly time: Timestamp
        /** How many transactions the block has; absent where it was not asked. */
        readonly transactions?: number
        /** What this place has now at the number of the head that was remembered; absent where none was, or it was not asked. */
        readonly remembered?: { readonly number: number; readonly hash: string | undefined }
      }
    | { readonly kind: 'trouble'; readonly reason: string }
}

/** One kind of progress, each step of which should be followed by another one. */
export type ProgressSight = {
  /** `state-update`, `output`, `assertion`, `funding`, … */
  readonly name: string
  /**
   * All steps from one position up to another, both included, are in `steps`: what was remembered of these positions is
   * replaced. Positions are block numbers, milliseconds or places in a list, of one order with the steps' own. What was read in
   * two pieces is told in two sights of one name.
   */
  readonly from: number
  readonly through: number
  /** Oldest first. */
  readonly steps: readonly ProgressStep[]
}

export type ProgressStep = {
  readonly position: number
  readonly at: Timestamp
  /** In words: `block 1960612`. */
  readonly what: string
}

/** Something that the chain itself will not wait for. */
export type DeadlineSight = {
  /** Names it among the system's: `funding`, `prices`, `system-time`, `forced-request:0x…`. */
  readonly name: string
  /** When the clock began to run, and when it is over. */
  readonly from: Timestamp
  readonly until: Timestamp
  /** What must happen until then, and what happens otherwise. */
  readonly text: string
}

/** A number that should stay in its bounds. */
export type LevelSight = {
  /** `l1-lag`, `insurance-fund`, `clock-difference`, … */
  readonly name: string
  readonly value: number
  readonly unit: string
  /** Told below or above it. */
  readonly floor?: number
  readonly ceiling?: number
  /** By its system's own rules it changes by no more than this within an hour: a funding index. */
  readonly mostPerHour?: number
  /**
   * When its system wrote it last: what it may have changed by is reckoned from one such time to another. Absent where nobody
   * tells: then an hour's worth may come at any time.
   */
  readonly writtenAt?: Timestamp
  /** It should not grow for an hour without a rest: what waits to be settled. */
  readonly drains?: true
  /** It pays for what others cannot, and should not fall fast: an insurance fund, in USD. */
  readonly pays?: true
  /** So many in the last hour, and not many times more than is usual: liquidations. */
  readonly bursts?: true
}

/** Something that will be different, or may be. */
export type ChangeSight = {
  readonly id: string
  readonly kind: 'proposal' | 'upgrade' | 'parameters' | 'roles'
  readonly title: string
  readonly announcedAt: Timestamp
  /** When it takes effect at the earliest; absent where nobody can tell yet. */
  readonly effectiveAt?: Timestamp
  readonly state: 'announced' | 'decided' | 'done' | 'dropped'
  /** What of it matters to a keeper: `margin`, `oracle`, `liquidation`, `funding`, `market:BTC-USD`, … */
  readonly touches: readonly string[]
  /** The settings as they are to be once it is done, where it says so. */
  readonly announces: Readonly<Record<string, string>>
}

/** A mark price and a funding rate that an exchange publishes, in USD and as a fraction for one hour. */
export type MarkSight = {
  readonly market: string
  readonly mark: string
  readonly index?: string
  readonly fundingPerHour?: string
  /** The median of ours at that time; absent while there is none. */
  readonly ours?: string
  /** The median of other exchanges, where there is none of ours. */
  readonly others?: OthersMark
}

export type OthersMark = {
  readonly median: string
  /** The watched systems that published what it is made of. */
  readonly of: readonly string[]
}

/** How long it takes until what is done on the system now cannot be undone, and until a withdrawal can be had. */
export type FinalitySight = {
  readonly by: 'validity proof' | 'fault proof' | 'challenge period' | 'consensus'
  /** Of the newest block: until its state is final. */
  readonly finalMs: number
  /** Until what is withdrawn now can be had. */
  readonly withdrawalMs: number
  /** How both were computed, with their numbers. */
  readonly basis: string
}

/** What earlier looks remember for the next one. */
export type LookedBefore = {
  readonly cursor: Readonly<Record<string, string>>
  /** By chain: the newest head of the last look. */
  readonly heads: Readonly<Record<string, { readonly number: number; readonly hash: string }>>
}
