import { timestamp, type Timestamp } from '../time.ts'
import { type Advance, type At, enter, isStopped, stay, wait } from './batch-moves.ts'
import type { BatchSight } from './batch-sight.ts'
import type { Batch, BatchState, SettledIn } from './batch.ts'
import { factPending, held, planned, prepare, proving, ready, submitting } from './prove-step.ts'
import type { ProvingRules } from './proving-rules.ts'
import { settled, settling, verified } from './settle-step.ts'

/** A batch that was just closed, as its first row. */
export function plannedBatch(
  batch: Pick<Batch, 'lane' | 'number' | 'content' | 'fence'>,
  { now, rules }: { readonly now: Timestamp; readonly rules: Pick<ProvingRules, 'deadlineMs'> },
): Batch {
  return {
    ...batch,
    state: { kind: 'planned' },
    stateSince: now,
    deadlineAt: timestamp(now + rules.deadlineMs.planned),
    nextActionAt: now,
    attempts: { submit: 0, looks: 0, settle: 0, trouble: 0, granted: { submit: 0, settle: 0 } },
    history: [{ at: now, to: 'planned', note: `closed by ${batch.content.closedBy}` }],
    version: 1,
  }
}

/**
 * What a batch does next by what is seen of it; undefined where it is finished. Trouble on the way moves only the time of
 * the next look. The chain has the last word: whoever settled it, it is settled.
 */
export function advanceBatch(
  batch: Batch,
  sight: BatchSight,
  rules: ProvingRules,
): Advance | undefined {
  const { kind } = batch.state
  if (kind === 'finalized' || kind === 'superseded') return undefined
  const at = { batch, sight, rules }
  return onChain(at) ?? lost(at) ?? step(at)
}

/** The chain has it, or has it no more. */
function onChain(at: At): Advance | undefined {
  const { batch, sight } = at
  const { settlement, place } = sight
  if (settlement.kind === 'trouble' || place === undefined) return undefined
  const { state } = batch
  const has = place === 'settled' || place === 'final'
  if (isSettled(batch)) {
    if (place === 'final') return { batch: enter(at, { kind: 'finalized' }) }
    // A node without the block that it was settled in knows nothing of it.
    const knows = settlement.value.block.number >= (batch.settledIn?.block.number ?? 0)
    return has || !knows ? undefined : { batch: undone(at) }
  }
  if (!has) return undefined
  const note =
    state.kind === 'settling' ? undefined : `settled by others while it was ${state.kind}`
  const settledIn = inclusion(sight) ?? { block: settlement.value.block }
  return { batch: { ...enter(at, { kind: 'settled' }, note), settledIn } }
}

function isSettled({ state }: Batch): boolean {
  return state.kind === 'settled' || (state.kind === 'needs-human' && state.back === 'settled')
}

function inclusion({ intent }: BatchSight): SettledIn | undefined {
  if (intent?.kind !== 'included' && intent?.kind !== 'settled') return undefined
  return { block: intent.block, transaction: intent.hash }
}

/** Its transaction may come into another block by itself, as long as its lane follows it. */
function undone(at: At): Batch {
  const { settledIn: _, ...batch } = at.batch
  const kind = batch.intent === undefined ? 'fact-verified' : 'settling'
  return enter({ ...at, batch }, { kind }, 'the chain has it no more')
}

/**
 * What is sent already cannot be called back: its outcome is waited for. Where nobody has sent it, nobody must any more: whoever
 * was about to may only be slow.
 */
function lost(at: At): Advance | undefined {
  const { batch, sight } = at
  const { stands, intent: sent } = sight
  if (stands.kind === 'trouble' || stands.value || isSettled(batch)) return undefined
  const { state, intent } = batch
  const isSettling =
    state.kind === 'settling' || (state.kind === 'needs-human' && state.back === 'settling')
  if (isSettling && intent !== undefined && sent === undefined)
    return { batch: wait(at), effect: { kind: 'forestall', intent } }
  if (isSettling && sent?.kind !== 'failed') return undefined
  const reason = 'its blocks are not in the chain any more'
  return { batch: enter(at, { kind: 'superseded', reason }, reason) }
}

function step(at: At): Advance {
  const { batch } = at
  const known = batch.proving
  switch (batch.state.kind) {
    case 'planned':
      return planned(at)
    case 'preparing':
      return prepare(at)
    case 'ready':
      return ready(at)
    case 'held-l2-suspect':
      return held(at)
    case 'submitting':
      return known ? submitting(at, known) : { batch: enter(at, { kind: 'ready' }) }
    case 'proving':
      return known ? proving(at, known) : { batch: enter(at, { kind: 'ready' }) }
    case 'proved-fact-pending':
      return factPending(at)
    case 'fact-verified':
    case 'held-fee-cap':
      return verified(at)
    case 'settling':
      return batch.intent === undefined ? verified(at) : settling(at, batch.intent)
    case 'settled':
      return settled(at)
    case 'needs-human':
      return waiting(at, batch.state)
    case 'finalized':
    case 'superseded':
      return { batch }
  }
}

/** What only took too long, or was too weak, goes on by itself once it moves; all else is a human's to decide. */
function waiting(at: At, state: Extract<BatchState, { readonly kind: 'needs-human' }>): Advance {
  const { batch, sight } = at
  if (!goesOn(state) || isStopped(at)) return { batch: stay(at) }
  // As if it were in that state, and not late.
  const soon = timestamp(sight.now + 1)
  const next = step({ ...at, batch: { ...batch, state: { kind: state.back }, deadlineAt: soon } })
  const { kind } = next.batch.state
  const isSame = kind === 'needs-human' && next.batch.state.why === state.why
  if (isSame) return { batch: stay(at) }
  if (kind !== state.back) return next
  const { stateSince } = batch
  return { ...next, batch: { ...next.batch, state, stateSince, deadlineAt: stay(at).deadlineAt } }
}

/** Whether it needs no more than what it waits for. */
export function goesOn({ why }: Extract<BatchState, { readonly kind: 'needs-human' }>): boolean {
  return why === 'deadline' || why === 'weak-fact' || why === 'foreign-state'
}
