import { timestamp, type Timestamp } from '../time.ts'
import { withStep } from './batch-moves.ts'
import { type Batch, type BatchState, isFinished, type ProvingLane } from './batch.ts'

export type ByHand = { readonly by: string; readonly reason: string; readonly now: Timestamp }

/** Nothing is submitted or sent for it until it is released; what is on its way is followed. */
export function heldByHand(batch: Batch, { by, reason, now }: ByHand): Batch {
  if (isFinished(batch)) throw new ByHandError(`batch ${batch.number} is ${batch.state.kind}`)
  if (batch.hold) throw new ByHandError(`batch ${batch.number} is held by ${batch.hold.by} already`)
  return {
    ...batch,
    hold: { by, reason, at: now },
    history: withStep(batch, { at: now, to: 'hold', note: `${by}: ${reason}` }),
    nextActionAt: now,
    version: batch.version + 1,
  }
}

export function releasedByHand(batch: Batch, { by, reason, now }: ByHand): Batch {
  const { hold, ...rest } = batch
  if (!hold) throw new ByHandError(`nobody holds batch ${batch.number}`)
  return {
    ...rest,
    history: withStep(batch, { at: now, to: 'release', note: `${by}: ${reason}` }),
    nextActionAt: now,
    version: batch.version + 1,
  }
}

/**
 * Goes on from where it stopped, with as many tries as at first. `anew`: with a proof of its own once more, under a new key,
 * whatever there is of it already.
 */
export function retriedByHand(
  batch: Batch,
  { by, reason, now, anew = false }: ByHand & { readonly anew?: boolean },
  deadlineMs: Readonly<Record<string, number>>,
): Batch {
  const { state, attempts } = batch
  if (state.kind !== 'needs-human')
    throw new ByHandError(`batch ${batch.number} is ${state.kind}: nothing waits for a human there`)
  const { trouble: _, ...rest } = batch
  const isProved = batch.input !== undefined && !['planned', 'preparing'].includes(state.back)
  const next: BatchState = { kind: anew && isProved ? 'ready' : state.back }
  return {
    ...rest,
    state: next,
    stateSince: now,
    deadlineAt: timestamp(now + (deadlineMs[next.kind] ?? 0)),
    nextActionAt: now,
    attempts: {
      ...attempts,
      looks: 0,
      trouble: 0,
      granted: { submit: attempts.submit, settle: attempts.settle },
    },
    history: withStep(batch, {
      at: now,
      to: 'retry',
      note: `${by}: ${reason}${anew ? ' (proved anew)' : ''}`,
    }),
    version: batch.version + 1,
  }
}

export function laneHeldByHand(lane: ProvingLane, { by, reason, now }: ByHand): ProvingLane {
  if (lane.hold) throw new ByHandError(`${lane.name} is held by ${lane.hold.by} already`)
  return { ...lane, hold: { by, reason, at: now }, version: lane.version + 1 }
}

export function laneReleasedByHand(lane: ProvingLane): ProvingLane {
  const { hold, ...rest } = lane
  if (!hold) throw new ByHandError(`nobody holds ${lane.name}`)
  return { ...rest, version: lane.version + 1 }
}

/** Somebody asked for what makes no sense as things stand; the message says how they do. */
export class ByHandError extends Error {
  override readonly name = 'ByHandError'
}
