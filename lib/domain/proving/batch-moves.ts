import { timestamp, type Timestamp } from '../time.ts'
import type { Asked, BatchSight } from './batch-sight.ts'
import type {
  Batch,
  BatchState,
  BatchStep,
  BatchTrouble,
  HumanReason,
  Submission,
  WayBack,
} from './batch.ts'
import { pollAfter, type ProvingRules, troubleAfter } from './proving-rules.ts'

/** A batch, what is seen of it, and the rules that it goes by. */
export type At = Moment & { readonly sight: BatchSight }

/** A batch at some time. */
export type Moment = {
  readonly batch: Batch
  readonly sight: Pick<BatchSight, 'now' | 'jitter'>
  readonly rules: ProvingRules
}

/** A batch's next row, and what is done once that is stored. */
export type Advance = { readonly batch: Batch; readonly effect?: BatchEffect }

export type BatchEffect =
  | { readonly kind: 'prepare' }
  | { readonly kind: 'submit'; readonly submission: Submission }
  | {
      readonly kind: 'settle'
      readonly intent: string
      /** What it may cost at most, in the fee token's smallest unit; absent where only the chain's own limit holds. */
      readonly worth?: bigint
      readonly deadline: Timestamp
    }
  /** Its transaction is made impossible before anybody sends it. */
  | { readonly kind: 'forestall'; readonly intent: string }

/** How many steps a row keeps: the usual way has ten. */
const keptSteps = 60

/** Into another state: its own deadline begins, and somebody looks at it at once. */
export function enter({ batch, sight, rules }: Moment, state: BatchState, note?: string): Batch {
  const { now } = sight
  const { trouble: _, ...rest } = batch
  const isOpen = state.kind !== 'finalized' && state.kind !== 'superseded'
  const asks = state.kind === 'needs-human' && { asks: { why: state.why, back: state.back } }
  const step = { at: now, to: state.kind, ...(note !== undefined && { note }), ...asks }
  return {
    ...rest,
    state,
    stateSince: now,
    deadlineAt: isOpen ? timestamp(now + rules.deadlineMs[state.kind]) : now,
    nextActionAt: now,
    attempts: { ...batch.attempts, looks: 0, trouble: 0 },
    history: withStep(batch, step),
    version: batch.version + 1,
  }
}

export function withStep({ history }: Batch, step: BatchStep): readonly BatchStep[] {
  return [...history.slice(-(keptSteps - 1)), step]
}

/** Nothing has happened: another look a little later. */
export function wait({ batch, sight, rules }: Moment): Batch {
  const { trouble: _, ...rest } = batch
  return {
    ...rest,
    nextActionAt: timestamp(sight.now + pollAfter(rules.pollMs, batch.attempts.looks)),
    attempts: { ...batch.attempts, looks: batch.attempts.looks + 1, trouble: 0 },
    version: batch.version + 1,
  }
}

/** What it needs is somebody else's to bring: it is asked about again like a fact, and told meanwhile. */
export function waitFor(at: Moment, needed: Omit<BatchTrouble, 'at'>): Batch {
  return { ...wait(at), trouble: { at: at.sight.now, ...needed } }
}

/** Held up by others, who have deadlines of their own: its own begins anew. */
export function stay(at: Moment): Batch {
  const { batch, sight, rules } = at
  const { state } = batch
  if (state.kind === 'finalized' || state.kind === 'superseded') return batch
  const deadlineMs = rules.deadlineMs[state.kind]
  return {
    ...wait(at),
    nextActionAt: timestamp(sight.now + Math.min(rules.pollMs.most, Math.ceil(deadlineMs / 2))),
    deadlineAt: timestamp(sight.now + deadlineMs),
  }
}

/** Nobody could be asked: that says nothing of the batch. */
export function troubled(
  { batch, sight, rules }: Moment,
  where: BatchTrouble['where'],
  asked: Extract<Asked<unknown>, { readonly kind: 'trouble' }>,
): Batch {
  const { now, jitter } = sight
  const after = troubleAfter(rules.troubleMs, batch.attempts.trouble, jitter)
  return {
    ...batch,
    nextActionAt: timestamp(now + Math.max(after, asked.retryAfterMs ?? 0)),
    attempts: { ...batch.attempts, trouble: batch.attempts.trouble + 1 },
    trouble: { at: now, where, message: asked.message },
    version: batch.version + 1,
  }
}

/** Nobody goes on with it but a human, who is told why. */
export function human(
  at: Moment,
  state: { readonly why: HumanReason; readonly reason: string; readonly back: WayBack },
): Batch {
  return enter(at, { kind: 'needs-human', ...state }, state.reason)
}

/** Past its deadline, it is a human's to know. Undefined before that. */
export function late(at: Moment, back: WayBack): Batch | undefined {
  const { batch, sight } = at
  if (sight.now < batch.deadlineAt) return undefined
  const { state, trouble } = batch
  const words = `it is ${state.kind} for longer than it may be`
  return human(at, {
    why: 'deadline',
    reason: trouble ? `${words}: ${trouble.message}` : words,
    back,
  })
}

/** Somebody holds it, or its lane. */
export function isStopped({ batch, sight }: At): boolean {
  return batch.hold !== undefined || sight.isHeld
}
