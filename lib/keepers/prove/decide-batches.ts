import type { AdvanceBatches } from '../../domain/action.ts'
import { advanceBatch, plannedBatch } from '../../domain/proving/advance-batch.ts'
import type { Advance } from '../../domain/proving/batch-moves.ts'
import { type Batch, isBehindUs, isFinished, type ProvingLane } from '../../domain/proving/batch.ts'
import type { ProvingRules } from '../../domain/proving/proving-rules.ts'
import type { LaneSight } from './look-at-lane.ts'

/** What is written in this slot, in that order, and what is done after each. */
export function decideBatches(
  sight: LaneSight,
  rules: ProvingRules,
  fence: number,
): Omit<AdvanceBatches, 'kind'> {
  const advances = sight.looks.flatMap(({ batch, sight: seen }) => {
    const next = advanceBatch({ ...batch, fence }, seen, rules)
    return next ? [next] : []
  })
  const planned = newBatches(sight, rules, fence)
  const lane = nextLane(sight, { advances, planned: [...sight.orphans, ...planned], fence })
  return { lane: sight.lane.name, fence, advances, planned, ...(lane && { next: lane }) }
}

function newBatches(
  { lane, closed, now }: LaneSight,
  rules: ProvingRules,
  fence: number,
): readonly Batch[] {
  if (closed.kind === 'trouble') return []
  return closed.value.map((content, at) =>
    plannedBatch({ lane: lane.name, number: lane.newest + 1 + at, content, fence }, { now, rules }),
  )
}

/** The lane's row after that, or undefined where it stays as it is. */
function nextLane(
  sight: LaneSight,
  {
    advances,
    planned,
    fence,
  }: {
    readonly advances: readonly Advance[]
    readonly planned: readonly Batch[]
    readonly fence: number
  },
): ProvingLane | undefined {
  const { lane, front } = sight
  const changed = new Map(advances.map(({ batch }) => [batch.number, batch]))
  const rows = new Map(front.map((row) => [row.number, changed.get(row.number) ?? row]))
  for (const [number, batch] of changed) rows.set(number, batch)
  const newest = lane.newest + planned.length
  const settled = pointer(lane.settled, newest, (number) => isDone(rows, number, isBehindUs))
  const finalized = pointer(Math.min(lane.finalized, settled), settled, (number) =>
    isDone(rows, number, isFinished),
  )
  const { tip: _, suspect: __, lost: ___, stranded: ____, ...rest } = lane
  const next = {
    ...rest,
    newest,
    settled,
    finalized,
    ...tipOf(sight, planned),
    ...suspectOf(sight, [...changed.values()]),
    ...lostOf(sight, finalized),
    ...strandedOf(sight),
    fence,
    version: lane.version + 1,
  }
  return isSame(lane, next) ? undefined : next
}

/** As far as rows that are known say; back where the one that it stands on fell back. Undefined: nothing is known of it. */
function pointer(
  at: number,
  most: number,
  isPast: (number: number) => boolean | undefined,
): number {
  let next = at
  while (next > 0 && isPast(next) === false) next -= 1
  while (next < most && isPast(next + 1) === true) next += 1
  return next
}

function isDone(
  rows: ReadonlyMap<number, Batch>,
  number: number,
  is: (batch: Batch) => boolean,
): boolean | undefined {
  const row = rows.get(number)
  return row && is(row)
}

function tipOf(
  { lane, fork, beforeFork }: LaneSight,
  planned: readonly Batch[],
): Pick<ProvingLane, 'tip'> {
  const last = planned.at(-1)
  if (last) return { tip: { number: last.number, content: last.content } }
  if (fork.kind === 'trouble' || fork.value === undefined) return lane.tip ? { tip: lane.tip } : {}
  return beforeFork ? { tip: { number: beforeFork.number, content: beforeFork.content } } : {}
}

/** Until somebody has decided about the batch that was refused, or its blocks are gone. */
function suspectOf(
  { lane, now, refused: known }: LaneSight,
  changed: readonly Batch[],
): Pick<ProvingLane, 'suspect'> {
  const refused = changed.find(
    ({ state }) => state.kind === 'needs-human' && state.why === 'rejected',
  )
  if (lane.suspect) {
    const row = changed.find(({ number }) => number === lane.suspect?.batch) ?? known
    const isOver = row && !(row.state.kind === 'needs-human' && row.state.why === 'rejected')
    if (!isOver) return { suspect: lane.suspect }
  }
  if (refused?.state.kind !== 'needs-human') return {}
  return { suspect: { batch: refused.number, reason: refused.state.reason, since: now } }
}

/** Until a batch after them is final, so that a watch which was down for long still tells of it. */
function lostOf(
  { lane, now, fork, beforeFork }: LaneSight,
  finalized: number,
): Pick<ProvingLane, 'lost'> {
  if (fork.kind === 'told' && fork.value !== undefined && lane.tip)
    return {
      lost: {
        after: beforeFork?.number ?? Math.max(0, lane.settled - 1),
        to: lane.tip.number,
        at: now,
      },
    }
  return lane.lost && finalized <= lane.lost.to ? { lost: lane.lost } : {}
}

/** Since it was first seen on that block; as it was, where nobody could be asked. */
function strandedOf({ lane, now, stranded }: LaneSight): Pick<ProvingLane, 'stranded'> {
  const known = lane.stranded && { stranded: lane.stranded }
  if (stranded.kind === 'trouble') return known ?? {}
  const { value: on } = stranded
  if (!on) return {}
  return known?.stranded.on.hash === on.hash ? known : { stranded: { on, since: now } }
}

function isSame(one: ProvingLane, other: ProvingLane): boolean {
  return (
    one.newest === other.newest &&
    one.settled === other.settled &&
    one.finalized === other.finalized &&
    one.tip?.number === other.tip?.number &&
    one.suspect?.batch === other.suspect?.batch &&
    one.lost?.at === other.lost?.at &&
    one.stranded?.since === other.stranded?.since
  )
}
