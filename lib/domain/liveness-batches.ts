import type { Severity } from './alert.ts'
import type { Finding } from './incident.ts'
import { batchWay } from './proving/batch-way.ts'
import {
  type Batch,
  type BatchKind,
  type BatchState,
  type HumanReason,
  isBehindUs,
} from './proving/batch.ts'
import type { OpenKind } from './proving/proving-rules.ts'
import { timestamp, type Timestamp } from './time.ts'

type DeadlineMs = Readonly<Record<OpenKind, number>>

type NeedsHuman = Extract<BatchState, { readonly kind: 'needs-human' }>

/** What is said of a batch begins so: its lane, its number, and its name at its source. */
function titleOf({ lane, number, content }: Batch): string {
  return `batch ${number} of ${lane} (${content.name})`
}

/** Names a batch among all lanes'. */
export function batchSubject({ lane, number }: Pick<Batch, 'lane' | 'number'>): string {
  return `${lane}:${number}`
}

/** A finding of a batch, told at once. */
export function batchFound(
  rule: string,
  batch: Batch,
  said: { readonly severity: Severity; readonly text: string; readonly since: Timestamp },
): Finding {
  const { severity, text, since } = said
  const summary = `${titleOf(batch)} ${text}`
  return { rule, subject: batchSubject(batch), severity, summary, since, afterMs: 0 }
}

/** Of a state's time so much may pass before people are told. */
const warnShare = 0.5

/**
 * A batch has used half of the time that its state may take (PRF-1); critical past all of it. Not of one that others hold up,
 * who have deadlines of their own, nor while its fact is waited for, which `factLate` tells.
 */
export function batchLate(look: {
  readonly batch: Batch
  readonly deadlineMs: DeadlineMs
  /** It waits for what its keeper was told or decided: somebody's hold, a suspect batch, one before it. */
  readonly isHeldUp: boolean
  readonly now: Timestamp
}): Finding | undefined {
  const { batch, deadlineMs, isHeldUp, now } = look
  const { state, stateSince, deadlineAt } = batch
  if (waitsForFact(batch)) return undefined
  if (state.kind === 'needs-human') {
    if (state.why !== 'deadline') return undefined
    const text = `is late: ${state.reason}`
    return batchFound('batch-late', batch, { severity: 'critical', text, since: stateSince })
  }
  if (state.kind === 'finalized' || state.kind === 'superseded' || isHeldUp) return undefined
  const warnAt = moment(deadlineAt - deadlineMs[state.kind] * (1 - warnShare))
  if (now < warnAt) return undefined
  const spent = `has been ${state.kind} for ${hoursText(now - stateSince)}`
  if (now >= deadlineAt) {
    const text = `${spent}, longer than it may be`
    return batchFound('batch-late', batch, { severity: 'critical', text, since: deadlineAt })
  }
  // What it costs is a rule of its own from the first moment on.
  if (state.kind === 'held-fee-cap') return undefined
  const text = `${spent}; ${hoursText(deadlineAt - now)} are left`
  return batchFound('batch-late', batch, { severity: 'warning', text, since: warnAt })
}

/** The states in which nothing is begun for a batch that somebody holds, or whose lane is held. */
const stoppedIn: readonly BatchKind[] = [
  'planned',
  'preparing',
  'ready',
  'submitting',
  'fact-verified',
  'held-fee-cap',
]

/** Whether a batch waits for another's decision or turn, so that its own deadline begins anew with each look. */
export function waitsForOthers(
  {
    state,
    hold,
    number,
  }: {
    readonly state: { readonly kind: BatchKind }
    readonly hold?: unknown
    readonly number: number
  },
  lane: {
    readonly hold?: unknown
    readonly suspect?: { readonly batch: number } | undefined
  },
  isNext: boolean,
): boolean {
  const { kind } = state
  if (kind === 'held-l2-suspect') return true
  if ((hold ?? lane.hold) && stoppedIn.includes(kind)) return true
  const isSuspect = lane.suspect !== undefined && lane.suspect.batch < number
  if (kind === 'ready') return isSuspect
  return (kind === 'fact-verified' || kind === 'held-fee-cap') && (isSuspect || !isNext)
}

/** So many looks in a row are no chance. */
const unansweredLooks = 3

/** A prover that gives none of its batches, of any lane, an answer. It may go on proving; what it has done nobody sees. */
export function proversUnreachable(batches: readonly Batch[], now: Timestamp): readonly Finding[] {
  const asked = batches.filter(
    ({ state, proving }) =>
      proving !== undefined && (state.kind === 'submitting' || state.kind === 'proving'),
  )
  const byProver = Map.groupBy(asked, ({ proving }) => proving?.prover ?? '')
  return [...byProver].flatMap(([prover, of]) => {
    const silent = of.filter(
      ({ trouble, attempts }) => trouble?.where === 'prover' && attempts.trouble >= unansweredLooks,
    )
    const [first] = silent
    // One that was not asked about yet says nothing; one that is proved and had an answer says that there are some.
    const isAnswered = of.some(({ state, trouble }) => state.kind === 'proving' && !trouble)
    if (!first || isAnswered) return []
    return [
      {
        rule: 'prover-unreachable',
        subject: prover,
        severity: 'warning' as const,
        summary: `${prover} has answered for none of its batches of late: ${first.trouble?.message ?? ''}`,
        since: now,
        // A prover restarts, or throttles us, for less than this.
        afterMs: 30_000,
      },
    ]
  })
}

/** A prover says that a batch cannot be proved (PRF-2): what the sequencer says may not stand. */
export function batchRejected(batch: Batch): Finding | undefined {
  const { state, stateSince: since } = batch
  if (state.kind !== 'needs-human' || state.why !== 'rejected') return undefined
  const by = batch.proving ? `by ${batch.proving.prover} ` : ''
  const text = `was refused ${by}as one that cannot be proved: ${state.reason}`
  return batchFound('batch-rejected', batch, { severity: 'critical', text, since })
}

/** The prover is done so long ago, and its fact is in no registry (PRF-3). Nodes and blocks lag by minutes. */
const factWarnMs = 10 * 60_000

/**
 * The fact of a batch whose prover is done cannot be seen for ten minutes, or for half of the time that the network file gives
 * it; critical past all of that.
 */
export function factLate(look: {
  readonly batch: Batch
  readonly deadlineMs: DeadlineMs
  readonly now: Timestamp
}): Finding | undefined {
  const { batch, deadlineMs, now } = look
  const since = factSince(batch)
  if (since === undefined) return undefined
  const mostMs = deadlineMs['proved-fact-pending']
  const warnMs = Math.min(factWarnMs, mostMs * warnShare)
  const isPast = batch.state.kind === 'needs-human' || now - since >= mostMs
  if (!isPast && now - since < warnMs) return undefined
  const by = batch.proving?.prover ?? 'its prover'
  const why = batch.trouble ? `: ${batch.trouble.message}` : ''
  return batchFound('fact-late', batch, {
    severity: isPast ? 'critical' : 'warning',
    text: `was proved by ${by} ${hoursText(now - since)} ago, and its fact cannot be seen${why}`,
    since: moment(since + warnMs),
  })
}

/** Whether its prover is done, and its fact not seen yet. */
export function waitsForFact(batch: Batch): boolean {
  return factSince(batch) !== undefined
}

/** Since when its fact is waited for; undefined where it is not. */
function factSince({ state, stateSince, history }: Batch): Timestamp | undefined {
  if (state.kind === 'proved-fact-pending') return stateSince
  if (state.kind !== 'needs-human') return undefined
  if (state.why !== 'deadline' || state.back !== 'proved-fact-pending') return undefined
  return history.findLast(({ to }) => to === 'proved-fact-pending')?.at ?? stateSince
}

const weakFacts: Partial<Readonly<Record<HumanReason, string>>> = {
  'weak-fact': 'has a fact that is not strong enough',
  mocked: 'has a fact that nobody proved',
  'wrong-fact': 'has the fact of something else',
}

/** What is registered for a batch is too weak, a mock, or something else than what was to be proved (PRF-4). */
export function factWeak(batch: Batch): Finding | undefined {
  const { state, stateSince: since } = batch
  const words = state.kind === 'needs-human' ? weakFacts[state.why] : undefined
  if (state.kind !== 'needs-human' || words === undefined) return undefined
  return batchFound('fact-weak', batch, {
    severity: 'critical',
    text: `${words}: ${state.reason}`,
    since,
  })
}

/** Settling a batch costs more than it may (FEE-1); that it must not wait for ever is `batchExpires`' and `batchLate`'s to say. */
export function settlementHeldByFee(batch: Batch): Finding | undefined {
  const { state, stateSince: since } = batch
  if (state.kind !== 'held-fee-cap') return undefined
  const text = `is not settled: it would cost up to ${state.most}, and the cap is ${state.cap}`
  return batchFound('settlement-held-by-fee', batch, { severity: 'warning', text, since })
}

/** Of the time that a contract gives a batch: when people are told, and when they are woken (DL-1). */
const expiryShares = { warning: 0.5, critical: 0.8 }

/** A contract will not take a batch any more after some time, and much of that is gone. Never inhibited. */
export function batchExpires(batch: Batch, now: Timestamp): Finding | undefined {
  const { input, content, state } = batch
  const before = input?.settleBefore
  if (before === undefined || isBehindUs(batch)) return undefined
  if (state.kind === 'needs-human' && state.back === 'settled') return undefined
  const spanMs = Math.max(0, before - content.closedAt)
  const at = (share: number): Timestamp => moment(content.closedAt + share * spanMs)
  const isUrgent = now >= at(expiryShares.critical)
  if (!isUrgent && now < at(expiryShares.warning)) return undefined
  const text =
    now < before
      ? `must be settled within ${hoursText(before - now)}, and is ${state.kind}`
      : `was not settled by ${utc(before)}, and its contract takes it no more`
  const severity = isUrgent ? 'critical' : 'warning'
  return batchFound('batch-expires', batch, { severity, text, since: at(expiryShares[severity]) })
}

/** A batch stands still until somebody has decided about it, for a reason that no other rule has. */
export function batchWaits(batch: Batch): Finding | undefined {
  const { state, stateSince: since } = batch
  if (state.kind !== 'needs-human' || isToldOtherwise(state)) return undefined
  const text = `waits for a human (${state.why}): ${state.reason}`
  return batchFound('batch-waits', batch, { severity: 'critical', text, since })
}

function isToldOtherwise({ why }: NeedsHuman): boolean {
  return why === 'deadline' || why === 'rejected' || weakFacts[why] !== undefined
}

/** So long a hold may be forgotten. */
const holdMs = 24 * 3_600_000

/** Somebody holds a lane, or one of its batches, so that nothing behind it is settled. */
export function laneHeld(look: {
  readonly subject: string
  /** What is held, in words. */
  readonly what: string
  readonly hold: { readonly by: string; readonly reason: string; readonly at: Timestamp }
  readonly now: Timestamp
}): Finding {
  const { subject, what, hold, now } = look
  return {
    rule: 'lane-held',
    subject,
    severity: now - hold.at > holdMs ? 'warning' : 'info',
    summary: `${what} is held by ${hold.by} since ${utc(hold.at)}: ${hold.reason}`,
    since: hold.at,
    afterMs: 0,
  }
}

/** The states on the way to the chain; after it nothing is unsettled. */
const unsettled = batchWay.filter((kind) => kind !== 'settled' && kind !== 'finalized')

/** Past twice what it may take at most nobody expects it to come by itself. */
const pageTimes = 2

/**
 * What a lane has closed is not settled for longer than all states on the way may take together: each is left in time, and yet
 * it gets nowhere. Of a lane that is held only a warning, since who holds it knows.
 */
export function settlementLate(look: {
  readonly lane: string
  /** The oldest that is neither settled nor superseded. */
  readonly oldest: Batch
  readonly isHeld: boolean
  readonly deadlineMs: DeadlineMs
  readonly now: Timestamp
}): Finding | undefined {
  const { lane, oldest, isHeld, deadlineMs, now } = look
  const { closedAt } = oldest.content
  const mostMs = unsettled.reduce((sum, kind) => sum + deadlineMs[kind], 0)
  const lagMs = now - closedAt
  if (lagMs <= mostMs) return undefined
  return {
    rule: 'settlement-late',
    subject: lane,
    severity: lagMs > pageTimes * mostMs && !isHeld ? 'critical' : 'warning',
    summary: `${lane} is not settled since ${utc(closedAt)}: ${titleOf(oldest)} is ${oldest.state.kind}`,
    since: timestamp(closedAt + mostMs),
    afterMs: 0,
  }
}

/** A share of a time has fractions of a millisecond. */
function moment(ms: number): Timestamp {
  return timestamp(Math.max(0, Math.round(ms)))
}

function hoursText(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000))
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`
}

function utc(at: Timestamp): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
