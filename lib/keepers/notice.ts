import type { FeedQuality } from '../domain/action.ts'
import type { Incident } from '../domain/incident.ts'
import type { Intent } from '../domain/intent.ts'
import type { Measure } from '../domain/measure.ts'
import type { LedgerCursor, LedgerRow } from '../domain/pnl/ledger-row.ts'
import type { Batch } from '../domain/proving/batch.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Job, TickOutcome } from '../ports.ts'

/** What happened, for whoever watches a run: the terminal, the log, the summary. Losing one loses nothing but words. */
export type Notice =
  | { readonly kind: 'planned'; readonly at: Timestamp; readonly jobs: readonly Job[] }
  | {
      readonly kind: 'tick'
      readonly at: Timestamp
      readonly job: Job
      /** When the slot begins. */
      readonly slotAt: Timestamp
      readonly outcome: TickOutcome
      /** The hash of the parameters that it was decided under; absent where none were. */
      readonly parameters?: string
    }
  /** What a node made of every feed. */
  | {
      readonly kind: 'priced'
      readonly at: Timestamp
      readonly node: string
      readonly round: number
      readonly feeds: readonly FeedQuality[]
    }
  /** Rows that the books did not have before. */
  | {
      readonly kind: 'booked'
      readonly at: Timestamp
      readonly engine: string
      readonly rows: readonly LedgerRow[]
      readonly cursor: LedgerCursor
    }
  /** What was counted where it was looked at. */
  | {
      readonly kind: 'measured'
      readonly at: Timestamp
      readonly measures: readonly Measure[]
    }
  /** An intent came into the state that it carries now. */
  | {
      readonly kind: 'transaction'
      readonly at: Timestamp
      readonly chain: string
      readonly intent: Intent
      /** When the slot that decided it begins. */
      readonly slotAt: Timestamp
    }
  /** A batch came into the state that it carries now. */
  | { readonly kind: 'batch'; readonly at: Timestamp; readonly batch: Batch }
  | {
      readonly kind: 'incident'
      readonly at: Timestamp
      readonly state: 'opened' | 'worsened' | 'resolved'
      readonly incident: Incident
    }
  /** Something did not work that will be tried again: a node, the store, a channel. */
  | {
      readonly kind: 'trouble'
      readonly at: Timestamp
      readonly where: string
      readonly message: string
    }

export type Notify = (notice: Notice) => void
