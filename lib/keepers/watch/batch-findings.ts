import type { Finding } from '../../domain/incident.ts'
import {
  batchExpires,
  batchLate,
  batchRejected,
  batchSubject,
  batchWaits,
  factLate,
  factWeak,
  laneHeld,
  proversUnreachable,
  settlementHeldByFee,
  settlementLate,
  waitsForFact,
  waitsForOthers,
} from '../../domain/liveness-batches.ts'
import { blocksLost, contractStranded, settlementUndone } from '../../domain/liveness-reorgs.ts'
import { chainStalled } from '../../domain/liveness.ts'
import type { Measure } from '../../domain/measure.ts'
import { openKinds } from '../../domain/proving/batch-way.ts'
import { type Batch, isBehindUs } from '../../domain/proving/batch.ts'
import { isPlannedAnew } from './past-batches.ts'
import type { BatchesSeen, WatchRules, WatchView } from './watch-view.ts'

/** Batches that are late, refused, proved too weakly, too dear to settle, near their end, lost, or a human's to decide about. */
export function batchFindings(view: WatchView, rules: WatchRules): readonly Finding[] {
  const ruled = view.batches.filter(({ lane }) => rules.proving[lane.name] !== undefined)
  const silent = proversUnreachable(
    ruled.flatMap(({ rows }) => rows),
    view.now,
  )
  const found = ruled.flatMap((seen) => {
    const lane = rules.proving[seen.lane.name]
    if (!lane) return []
    const { deadlineMs } = lane
    const facts = isFactSeen(view, rules, seen.lane.name)
    return [
      ...seen.past,
      ...ofLane(seen, deadlineMs, view.now),
      ...seen.rows.flatMap((batch) => ofBatch(seen, { batch, deadlineMs, now: view.now, facts })),
    ]
  })
  return [...silent, ...found]
}

type DeadlineMs = WatchRules['proving'][string]['deadlineMs']

function ofLane(
  { lane, rows }: BatchesSeen,
  deadlineMs: DeadlineMs,
  now: WatchView['now'],
): readonly Finding[] {
  const { name, hold } = lane
  const oldest = oldestUnsettled(rows)
  const isHeld = hold !== undefined || oldest?.hold !== undefined
  const late = oldest && settlementLate({ lane: name, oldest, isHeld, deadlineMs, now })
  const held = hold && laneHeld({ subject: name, what: `the lane ${name}`, hold, now })
  const lost = isPlannedAnew(lane) ? undefined : blocksLost(lane)
  return [held, late, lost, contractStranded(lane)].filter((found) => found !== undefined)
}

function ofBatch(
  { lane, rows }: BatchesSeen,
  {
    batch,
    deadlineMs,
    now,
    facts,
  }: {
    readonly batch: Batch
    readonly deadlineMs: DeadlineMs
    readonly now: WatchView['now']
    readonly facts: boolean
  },
): readonly Finding[] {
  const { hold, number } = batch
  const isNext = oldestUnsettled(rows) === batch
  const what = `batch ${number} of ${lane.name}`
  return [
    batchLate({ batch, deadlineMs, isHeldUp: waitsForOthers(batch, lane, isNext), now }),
    batchRejected(batch),
    facts ? factLate({ batch, deadlineMs, now }) : undefined,
    factWeak(batch),
    settlementHeldByFee(batch),
    batchExpires(batch, now),
    batchWaits(batch),
    isBehindUs(batch) ? undefined : settlementUndone(batch),
    hold && laneHeld({ subject: batchSubject(batch), what, hold, now }),
  ].filter((found) => found !== undefined)
}

function oldestUnsettled(rows: BatchesSeen['rows']): Batch | undefined {
  return rows.find((row) => !isBehindUs(row))
}

/** While its chain stands still, or cannot be seen, no fact can appear. */
function isFactSeen({ chains, now }: WatchView, rules: WatchRules, lane: string): boolean {
  const chain = rules.proving[lane]?.chain ?? ''
  const head = chains[chain]
  const rule = rules.chains[chain]
  if (!head || !rule) return true
  if (head.kind === 'unseen') return false
  const { blockSeconds, stallFactor: factor } = rule
  return chainStalled({ chain, head: head.value, now, blockSeconds, factor }) === undefined
}

/** Facts on a chain that cannot be seen are as they were. */
export function unseenBatches(
  view: WatchView,
  rules: WatchRules,
): readonly Pick<Finding, 'rule' | 'subject'>[] {
  return view.batches.flatMap(({ lane, rows }) =>
    isFactSeen(view, rules, lane.name)
      ? []
      : rows.filter(waitsForFact).map((row) => ({ rule: 'fact-late', subject: batchSubject(row) })),
  )
}

/** What is drawn of every proving lane: how many batches are in each state, and how old the oldest unsettled one is. */
export function batchMeasures({ batches, now }: WatchView): readonly Measure[] {
  return batches.flatMap(({ lane, rows }) => {
    const of = { lane: lane.name }
    const oldest = oldestUnsettled(rows)
    const lagMs = oldest ? Math.max(0, now - oldest.content.closedAt) : 0
    return [
      ...openKinds.map((state) => ({
        name: 'batches-in-state',
        of: { ...of, state },
        value: rows.filter((row) => row.state.kind === state).length,
      })),
      { name: 'settlement-lag-s', of, value: lagMs / 1000 },
    ]
  })
}
