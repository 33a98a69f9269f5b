import type { Timestamp } from '../time.ts'
import type {
  ChangeSight,
  DeadlineSight,
  FinalitySight,
  LevelSight,
  LookedBefore,
  MarkSight,
  ProgressStep,
} from './system-sight.ts'

/** All that is known of a watched system after some looks: the same after the same looks. */
export type SystemMemory = {
  readonly system: string
  readonly lookedAt: Timestamp
  readonly firstLookAt: Timestamp
  readonly cursor: Readonly<Record<string, string>>
  readonly chains: Readonly<Record<string, ChainMemory>>
  readonly progress: Readonly<Record<string, ProgressMemory>>
  readonly deadlines: readonly DeadlineSight[]
  readonly settings: Readonly<Record<string, SettingMemory>>
  readonly levels: Readonly<Record<string, LevelMemory>>
  readonly changes: Readonly<Record<string, ChangeMemory>>
  readonly marks: Readonly<Record<string, MarkMemory>>
  readonly finality?: FinalitySight
  /** Since when each part could not be seen. */
  readonly unseen: Readonly<Record<string, { readonly since: Timestamp; readonly reason: string }>>
  /** Grows by one with every look. */
  readonly version: number
}

export type ChainMemory = {
  /** Of each place that was asked in the last look. */
  readonly places: Readonly<Record<string, PlaceMemory>>
  /** The highest that any place told in the last look that had one. */
  readonly newest: SeenHead | undefined
  /** The newest that was told while places agreed: whether it is still there shows what was undone. */
  readonly agreed: SeenHead | undefined
  /** How long a block took, of each look that saw new ones; the latest last. */
  readonly paces: readonly { readonly at: Timestamp; readonly ms: number }[]
  /** Since when no look has seen a transaction; absent where the last one did, or was not told. */
  readonly emptySince?: Timestamp
  /** Since when places have differed by more than nodes do. */
  readonly apartSince?: Timestamp
  /** Since when places have told different things of it, and which. */
  readonly toldApart?: { readonly since: Timestamp; readonly what: string }
  readonly retreats: readonly Retreat[]
}

export type SeenHead = { readonly number: number; readonly hash: string; readonly time: Timestamp }

export type PlaceMemory = {
  readonly head: SeenHead | undefined
  /** Since when it has given no answer. */
  readonly trouble?: { readonly since: Timestamp; readonly reason: string }
}

/** A head that no place has any longer. */
export type Retreat = {
  readonly at: Timestamp
  readonly place: string
  readonly from: Pick<SeenHead, 'number' | 'hash'>
  /** What is there now: another hash, or a lower number. */
  readonly to: Pick<SeenHead, 'number' | 'hash'>
}

export type ProgressMemory = {
  /** In order of time. */
  readonly steps: readonly ProgressStep[]
  /** When it was first asked for: nothing is late that was never waited for. */
  readonly since: Timestamp
}

export type SettingMemory = {
  readonly value: string
  readonly since: Timestamp
  /** What it was before; absent while it has never changed. */
  readonly before?: string
  /** The change that announced it. */
  readonly announcedBy?: string
  /** What was announced of it when it became something else. */
  readonly insteadOf?: { readonly change: string; readonly value: string }
}

export type LevelMemory = {
  readonly last: LevelSight
  readonly at: Timestamp
  /** Since when it has been out of its bounds. */
  readonly outSince?: Timestamp
  /** When it last changed by more than its system's rules allow. */
  readonly jumped?: {
    readonly at: Timestamp
    readonly from: number
    readonly to: number
    /** What they allowed from one to the other; absent where it is an hour's worth. */
    readonly most?: number
  }
  /** The lowest and highest of each five minutes, of what is judged by its past. */
  readonly buckets: readonly LevelBucket[]
}

export type LevelBucket = { readonly at: Timestamp; readonly low: number; readonly high: number }

export type ChangeMemory = ChangeSight & {
  readonly seenAt: Timestamp
  /** When it was first seen to be done. */
  readonly doneAt?: Timestamp
  /** What is otherwise than announced, in words. */
  readonly differs?: string
}

export type MarkMemory = {
  readonly last: MarkSight
  readonly at: Timestamp
  /** How far it is from what it is held against, in bps of that; absent where there is nothing. */
  readonly bps?: number
  /** Since when it has been further away than is usual. */
  readonly apartSince?: Timestamp
  /** The largest distance of each ten minutes, the latest last. */
  readonly buckets: readonly { readonly at: Timestamp; readonly bps: number }[]
}

/** What the next look needs to know of the earlier ones. */
export function lookedBefore(memory: SystemMemory | undefined): LookedBefore {
  if (!memory) return { cursor: {}, heads: {} }
  const heads = Object.entries(memory.chains).flatMap(([chain, { agreed }]) =>
    agreed ? [[chain, { number: agreed.number, hash: agreed.hash }] as const] : [],
  )
  return { cursor: memory.cursor, heads: Object.fromEntries(heads) }
}
