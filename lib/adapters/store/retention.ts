import { timestamp, type Timestamp } from '../../domain/time.ts'
import { usualHistoryKeptMs } from '../blob-rules.ts'

const dayMs = 24 * 60 * 60_000

/** How long rows are kept once nothing depends on them any more. */
export const retentionMs = {
  /** Far longer than a queue keeps a message, so that no slot is done again. */
  tick: 2 * dayMs,
  /** A week of reports lets a dispute about a price be settled from the signatures. */
  report: 7 * dayMs,
  /** What a node made of the world a week ago is no memory of it, and blobs do not live for ever. */
  prices: 7 * dayMs,
  /** What was usual a week ago is learnt anew, and blobs do not live for ever. */
  system: 7 * dayMs,
  /** As long as the rates that were made of them can be disputed. */
  fundingVote: 7 * dayMs,
  /** People look at the last week of decisions; older ones are replayed out of files. */
  history: 7 * dayMs,
  /**
   * A slot is packed within two hours. Where packing stands still somebody is told after three (`history-unpacked`), and
   * has the rest of a month to mend it before a row goes that no file holds.
   */
  slot: 30 * dayMs,
  /** After the final state. Ids name rounds and positions, which do not come back after a month. */
  intent: 30 * dayMs,
  /** After the deadline: an action outlives its intent's state by far, whatever happened to it. */
  intentAction: 365 * dayMs,
  /** After it was resolved and everybody was told. */
  incident: 90 * dayMs,
} as const

/** When a file of slots may go, by its last one. */
export function fileExpiry(to: Timestamp, keptMs: number = usualHistoryKeptMs): Timestamp {
  return timestamp(Math.ceil((to + keptMs) / 1000) * 1000)
}

/** When a row of that kind may go: a whole second, since DynamoDB counts seconds. */
export function expiry(kind: keyof typeof retentionMs, from: Timestamp): Timestamp {
  return timestamp(Math.ceil((from + retentionMs[kind]) / 1000) * 1000)
}

/** DynamoDB deletes expired rows days later, so that every read asks this. */
export function isExpired(expiresAt: Timestamp | undefined, now: Timestamp): boolean {
  return expiresAt !== undefined && expiresAt <= now
}
