import type { Timestamp } from '../time.ts'
import type { ProvingLane } from './batch.ts'

/** A prover says that a batch of what a chain executed cannot be proved: its blocks since then may be taken back. */
export type L2Suspect = {
  readonly lane: string
  readonly batch: number
  readonly reason: string
  readonly since: Timestamp
}

/** Of the lanes that prove a chain, the one that is suspect for longest; undefined where none is, or none has begun. */
export function suspectIn(lanes: readonly (ProvingLane | undefined)[]): L2Suspect | undefined {
  const suspects = lanes.flatMap((lane) =>
    lane?.suspect ? [{ lane: lane.name, ...lane.suspect }] : [],
  )
  return suspects.toSorted((one, other) => one.since - other.since)[0]
}

/** Why no money is moved on such a chain: what it is moved for may never have been. */
export function whySuspect({ lane, batch, reason, since }: L2Suspect): {
  readonly reason: 'l2-suspect'
  readonly detail: string
} {
  const by = `since ${new Date(since).toISOString()} a prover refuses batch ${batch} of ${lane}`
  return { reason: 'l2-suspect', detail: `${by}, so that its chain may be taken back: ${reason}` }
}
