import * as z from 'zod'

import type { IntentState } from '../domain/intent.ts'
import type { Batch, ProvingLane } from '../domain/proving/batch.ts'
import { isFinished } from '../domain/proving/batch.ts'
import type { Store } from '../ports.ts'
import type { BatchView, ProvingLaneView } from '../runtime/view/batches-view.ts'
import { laneHistory } from './batch-by-hand.ts'
import { durationText } from './duration.ts'

const columns = ['batch', 'content', 'state', 'for', 'left', 'prover', 'fact', 'transaction', 'why']

/** A proving lane, and what humans decided about it lately, newest first. */
export type LaneSeen = ProvingLaneView & { readonly acts?: readonly LaneAct[] }

/** A table for each proving lane: those on the way, then those that ended last. */
export function batchesLines(lanes: readonly LaneSeen[], now: number): readonly string[] {
  if (lanes.length === 0) return ['The network file has no proving lane.']
  return lanes.flatMap((lane, place) => [...(place > 0 ? [''] : []), ...laneLines(lane, now)])
}

function laneLines(view: LaneSeen, now: number): readonly string[] {
  const {
    lane,
    reach,
    onTheWay,
    ended,
    more,
    hold,
    suspect,
    stranded,
    unsettledSince,
    acts = [],
  } = view
  if (!reach && !hold) return [`${lane}: no batch was closed yet`]
  const far = `settled up to ${reach?.settled ?? 0}, final up to ${reach?.finalized ?? 0} of ${reach?.newest ?? 0}`
  const lag =
    unsettledSince === undefined ? '' : `, unsettled for ${durationText(now - unsettledSince)}`
  const rows = [...onTheWay, ...ended]
  return [
    `${lane}: ${far}${lag}`,
    ...(hold ? [heldLine('the lane', hold, now), ...acts.map(actLine)] : []),
    ...(suspect ? [`a prover refused batch ${suspect.batch}: ${suspect.reason}`] : []),
    ...(stranded === undefined ? [] : [stranded]),
    ...(rows.length > 0 ? aligned([columns, ...rows.map((row) => cells(row, now))]) : []),
    ...(more > 0 ? [`and ${more} more behind them; --limit shows more`] : []),
  ]
}

function cells(row: BatchView, now: number): readonly string[] {
  const { number, name, state, since, deadline, prover, fact, transaction, waitsFor, hold } = row
  const held = hold ? [`held by ${hold.by}: ${hold.reason}`] : []
  return [
    String(number),
    name,
    state,
    durationText(Math.max(0, now - since)),
    deadline ? leftText(deadline.at - now) : '-',
    prover?.name ?? '-',
    fact ? shortHex(fact) : '-',
    transaction ? shortHex(transaction) : '-',
    [...(waitsFor === undefined ? [] : [waitsFor]), ...held].join('; '),
  ]
}

function leftText(ms: number): string {
  return ms >= 0 ? durationText(ms) : `${durationText(-ms)} over`
}

/** Numbers to the right, words to the left. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

/** All that the store has of one batch. */
export type BatchSeen = {
  readonly batch: Batch
  /** Undefined where its row is not there yet. */
  readonly lane: ProvingLane | undefined
  /** Of its newest settling transaction. */
  readonly intent: IntentState | undefined
  /** What humans decided about the lane, newest first. */
  readonly acts: readonly LaneAct[]
}

/** Everything of one batch: how it is, why it waits, and each step with how long it took. */
export function batchLines(
  { batch, lane, intent, acts }: BatchSeen,
  now: number,
): readonly string[] {
  const { number, content, state, stateSince, deadlineAt, input, proving, attempts } = batch
  const { submit, settle } = attempts
  return [
    `batch ${number} of ${batch.lane}: ${content.name}`,
    ...pairs([
      ['state', `${state.kind} since ${utc(stateSince)}, ${durationText(now - stateSince)}`],
      [
        'deadline',
        isFinished(batch) ? undefined : `${utc(deadlineAt)}, ${leftText(deadlineAt - now)}`,
      ],
      ...whyPairs(batch, lane, now),
      [
        'content',
        `${content.size} transitions, closed ${utc(content.closedAt)} by ${content.closedBy}`,
      ],
      ['after', `${content.previous.number} ${content.previous.hash}`],
      ['up to', `${content.last.number} ${content.last.hash}`],
      ['root', `${content.previousRoot} to ${content.newRoot}`],
      ['program', input?.programHash],
      ['steps', input && String(input.steps)],
      ['fact', input?.fact],
      [
        'settle by',
        input?.settleBefore && `${utc(input.settleBefore)}, ${leftText(input.settleBefore - now)}`,
      ],
      ['prover', proving && [proving.prover, proving.id, proving.stage].filter(Boolean).join(', ')],
      ['key', proving?.key],
      ['tries', `${submit} submitted, ${settle} sent`],
      ['transaction', transactionText(batch, intent)],
    ]),
    '',
    ...historyLines(batch, now),
    ...laneActLines(acts),
  ]
}

type Pair = readonly [name: string, text: string | undefined]

function pairs(all: readonly Pair[]): readonly string[] {
  return all.flatMap(([name, text]) => (text ? [`  ${name.padEnd(12)} ${text}`] : []))
}

/** Why it does not go on by itself, or what is in its way. */
function whyPairs(
  { state, hold, trouble }: Batch,
  lane: ProvingLane | undefined,
  now: number,
): readonly Pair[] {
  return [
    ['waits', waitsText(state)],
    ['held', hold && heldLine('the batch', hold, now)],
    ['held', lane?.hold && heldLine('the lane', lane.hold, now)],
    [
      'trouble',
      trouble && `${trouble.where}, ${durationText(now - trouble.at)} ago: ${trouble.message}`,
    ],
  ]
}

function waitsText(state: Batch['state']): string | undefined {
  if (state.kind === 'needs-human')
    return `for a human, ${state.why}: ${state.reason}; then it goes on from ${state.back}`
  if (state.kind === 'held-fee-cap')
    return `for lower fees: it would cost up to ${state.most}, the cap is ${state.cap}`
  if (state.kind === 'held-l2-suspect') return `for batch ${state.because}, which a prover refused`
  return state.kind === 'superseded' ? `for nothing: ${state.reason}` : undefined
}

function heldLine(
  what: string,
  { by, reason, at }: { readonly by: string; readonly reason: string; readonly at: number },
  now: number,
): string {
  return `${what} is held by ${by} for ${durationText(Math.max(0, now - at))}: ${reason}`
}

function transactionText(
  { settledIn, intent: name }: Batch,
  intent: IntentState | undefined,
): string | undefined {
  if (settledIn)
    return `${settledIn.transaction ?? 'by others'}, in block ${settledIn.block.number}`
  if (name === undefined) return undefined
  const hash = intent && 'hash' in intent ? intent.hash : undefined
  return [hash, intent?.kind ?? 'not there yet', name].filter(Boolean).join(', ')
}

/** Each step with when it was, and how long it was until the next. */
function historyLines({ history, ...batch }: Batch, now: number): readonly string[] {
  return history.map(({ at, to, note, asks }, place) => {
    const next = history[place + 1]
    const isLast = next === undefined && isFinished(batch)
    const took = isLast ? '' : durationText(Math.max(0, (next?.at ?? now) - at))
    return `${utc(at)}  ${took.padStart(9)}  ${to}${note === undefined ? '' : ` (${asks ? `${asks.why}: ` : ''}${note})`}`
  })
}

const actSchema = z.object({
  act: z.enum(['hold', 'release']),
  by: z.string(),
  reason: z.string(),
})

export type LaneAct = z.output<typeof actSchema> & { readonly at: number }

/** As many as anybody asks about. */
const actLimit = 5

/** What humans decided about a lane lately, newest first; what another version wrote is left out. */
export async function laneActsOf(
  { history }: Pick<Store, 'history'>,
  lane: string,
): Promise<readonly LaneAct[]> {
  const entries = await history.recent(laneHistory, lane, actLimit)
  return entries.flatMap(({ decided, at }) => {
    const read = actSchema.safeParse(JSON.parse(decided))
    return read.success ? [{ ...read.data, at }] : []
  })
}

function laneActLines(acts: readonly LaneAct[]): readonly string[] {
  if (acts.length === 0) return []
  return ['', 'The lane', ...acts.map(actLine)]
}

function actLine({ at, act, by, reason }: LaneAct): string {
  return `${utc(at)}  ${act} (${by}: ${reason})`
}

function shortHex(hex: string): string {
  return hex.length > 14 ? `${hex.slice(0, 6)}…${hex.slice(-4)}` : hex
}

function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
