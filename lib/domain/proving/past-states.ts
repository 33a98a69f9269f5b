import type { Timestamp } from '../time.ts'
import type { Batch, BatchStep } from './batch.ts'

/** The batch as it was each time that it waited for a human, other than now; oldest first. */
export function waitedBefore(batch: Batch): readonly Batch[] {
  const { history, state } = batch
  const waits = history.flatMap((step, place) => asItWas(batch, step, place) ?? [])
  return state.kind === 'needs-human' ? waits.slice(0, -1) : waits
}

/** Undefined of a state in which nobody waited for a human. */
function asItWas(
  batch: Batch,
  { at, note = '', asks }: BatchStep,
  place: number,
): Batch | undefined {
  if (!asks) return undefined
  const { trouble: _, ...rest } = batch
  return {
    ...rest,
    state: { kind: 'needs-human', reason: note, ...asks },
    stateSince: at,
    history: batch.history.slice(0, place + 1),
  }
}

/** When the chain last lost the block that it was settled in; undefined where it never did. */
export function undoneAt({ history }: Pick<Batch, 'history'>): Timestamp | undefined {
  const states = history.filter(({ to }) => !byHand.has(to))
  return states.findLast(({ to }, place) => isBack(to) && isSettled(states[place - 1]))?.at
}

/** Decisions of humans lead to no other state than there was. */
const byHand: ReadonlySet<BatchStep['to']> = new Set(['hold', 'release', 'retry'])

function isBack(to: BatchStep['to']): boolean {
  return to === 'settling' || to === 'fact-verified'
}

function isSettled(step: BatchStep | undefined): boolean {
  return step?.to === 'settled' || step?.asks?.back === 'settled'
}
