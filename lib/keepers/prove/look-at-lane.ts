import type { Asked, BatchSight } from '../../domain/proving/batch-sight.ts'
import type { Batch, BatchContent, BlockRef, ProvingLane } from '../../domain/proving/batch.ts'
import { isBehindUs, isFinished } from '../../domain/proving/batch.ts'
import {
  placeOf,
  type SettlementSight,
  type Standing,
} from '../../domain/proving/settlement-place.ts'
import { strandedText } from '../../domain/proving/stranded-text.ts'
import type { Timestamp } from '../../domain/time.ts'
import { eachOf } from '../each-of.ts'
import { asked } from './asked.ts'
import { type BatchLook, lookAtBatch } from './look-at-batch.ts'
import type { LaneParts, ProveWorld } from './prove-world.ts'

export type LaneSight = {
  readonly now: Timestamp
  readonly lane: ProvingLane
  /** Batches that were closed since the newest; where nobody could be asked, or there is no room for more, none. */
  readonly closed: Asked<readonly BatchContent[]>
  readonly settlement: Asked<SettlementSight>
  /** Where no batch of the lane stands: the block that its contract stands on, if the chain does not have that. */
  readonly stranded: Asked<BlockRef | undefined>
  /** The lowest number of a batch whose blocks are gone; absent where all stand. */
  readonly fork: Asked<number | undefined>
  /** The batch that is the newest one below the fork; absent where there is none, or no fork. */
  readonly beforeFork?: Batch
  /** The batch that makes the lane suspect, as it is now; absent where none does. */
  readonly refused?: Batch
  /** Written by a worker that ended before it could say so in the lane's row. */
  readonly orphans: readonly Batch[]
  /** Those after the newest that is settled, and after the newest that is final, with the settled one itself. */
  readonly front: readonly Batch[]
  /** Those that are to be looked at now, and what is seen of each. */
  readonly looks: readonly BatchLook[]
}

/** So many rows are looked at in one slot, and so many of the front of the line are read. */
const mostRows = 100
const frontRows = 12
const mostClosed = 20
/** So many at once: provers and nodes are asked about each. */
const atOnce = 10

/** All that decides about a lane's batches in this slot. Throws only where the table cannot be reached. */
export async function lookAtLane(
  world: ProveWorld,
  parts: LaneParts,
  lane: ProvingLane,
): Promise<LaneSight> {
  const { clock, store } = world
  const now = clock.now()
  const { newest, settled, finalized } = lane
  const [settlement, due, front, last, orphans, refused] = await Promise.all([
    asked(async () => parts.settlement.sight()),
    store.batches.due(lane.name, now, mostRows),
    store.batches.between(lane.name, Math.max(1, settled), settled + frontRows),
    finalized < settled
      ? store.batches.between(
          lane.name,
          finalized + 1,
          Math.min(settled - 1, finalized + frontRows),
        )
      : [],
    store.batches.between(lane.name, newest + 1, newest + mostClosed),
    lane.suspect && store.batches.read(lane.name, lane.suspect.batch),
  ])
  const { fork, beforeFork, lost } = await forkOf(world, parts, lane)
  const tip = fork.kind === 'told' && fork.value !== undefined ? beforeFork : lane.tip
  const stranded = await strandedOn(parts, { tip, fork, settlement })
  const closed = await closedSince(parts, { lane, tip, settlement, stranded, fork, orphans })
  const rows = chosen({ due, front: [...last, ...front], lane, lost, settlement })
  const looks = await eachOf(rows, atOnce, async (batch) =>
    lookAtBatch(world, parts, {
      batch,
      base: {
        now: clock.now(),
        jitter: world.random(),
        stands: standsBy(fork, batch.number),
        settlement,
        isNext: isNext(lane, front, batch.number),
        isHeld: lane.hold !== undefined,
        suspectSince: suspectSince(lane, batch.number),
      },
    }),
  )
  return {
    now,
    lane,
    closed,
    settlement,
    stranded,
    fork,
    ...(beforeFork && { beforeFork }),
    ...(refused && { refused }),
    orphans,
    front: [...last, ...front],
    looks,
  }
}

/**
 * Due ones, and beside them those of which others decide: the next in line, where it has its proof, those that the contract
 * says something new of, and all that are lost; each once. All else keeps the pause that it was given.
 */
function chosen({
  due,
  front,
  lane,
  lost,
  settlement,
}: Pick<LaneSight, 'lane' | 'front' | 'settlement'> & {
  readonly due: readonly Batch[]
  readonly lost: readonly Batch[]
}): readonly Batch[] {
  const next = front.find(
    (one) => one.number > lane.settled && one.number <= lane.newest && !isBehindUs(one),
  )
  const moved = front.filter((one) => one.number <= lane.newest && hasMoved(one, settlement))
  // Orphans are nobody's until the lane's row has them.
  const known = due.filter(({ number }) => number <= lane.newest)
  const all = [...known, ...(next && mayBeItsTurn(next, lane) ? [next] : []), ...moved, ...lost]
  return [...new Map(all.map((one) => [one.number, one])).values()].toSorted(
    (one, other) => one.number - other.number,
  )
}

/** It waited for those before it. What holds it up now, or did so when it was looked at last, has a pause of its own. */
function mayBeItsTurn({ state, trouble, hold }: Batch, lane: ProvingLane): boolean {
  return state.kind === 'fact-verified' && !trouble && !hold && !lane.hold && !lane.suspect
}

/** The contract has it since it was looked at last, or calls it final, or has it no more. */
function hasMoved(batch: Batch, settlement: LaneSight['settlement']): boolean {
  if (settlement.kind === 'trouble' || isFinished(batch)) return false
  const { state, content } = batch
  const place = placeOf(content, settlement.value)
  const wasSettled =
    state.kind === 'settled' || (state.kind === 'needs-human' && state.back === 'settled')
  return wasSettled ? place !== 'settled' : place === 'settled' || place === 'final'
}

/** All before it are settled or superseded, as the rows themselves say. */
function isNext(lane: ProvingLane, front: readonly Batch[], number: number): boolean {
  for (let before = lane.settled + 1; before < number; before += 1) {
    const row = front.find((one) => one.number === before)
    if (!row || !isBehindUs(row)) return false
  }
  return true
}

function suspectSince({ suspect }: ProvingLane, number: number): number | undefined {
  return suspect && suspect.batch < number ? suspect.batch : undefined
}

function standsBy(fork: Asked<number | undefined>, number: number): BatchSight['stands'] {
  if (fork.kind === 'trouble') return fork
  return { kind: 'told', value: fork.value === undefined || number < fork.value }
}

/** Where the newest batch's last block still stands, all before it do. Otherwise the first that is gone is searched for. */
async function forkOf(
  { store }: ProveWorld,
  { source }: LaneParts,
  { name, tip, settled }: ProvingLane,
): Promise<Pick<LaneSight, 'fork' | 'beforeFork'> & { readonly lost: readonly Batch[] }> {
  if (!tip) return { fork: { kind: 'told', value: undefined }, lost: [] }
  const has = await asked(async () => source.has(tip.content.last))
  if (has.kind === 'trouble') return { fork: has, lost: [] }
  if (has.value) return { fork: { kind: 'told', value: undefined }, lost: [] }
  const all = await store.batches.between(name, Math.max(1, settled), tip.number)
  const rows = all.filter(({ state }) => state.kind !== 'superseded')
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const row = rows[middle]
    if (!row) break
    const stands = await asked(async () => source.has(row.content.last))
    if (stands.kind === 'trouble') return { fork: stands, lost: [] }
    if (stands.value) low = middle + 1
    else high = middle
  }
  const beforeFork = rows[low - 1]
  return {
    // Where all rows that are left stand, the lane's own row was not written after the fork.
    fork: { kind: 'told', value: rows[low]?.number ?? tip.number },
    ...(beforeFork && { beforeFork }),
    lost: rows.slice(low),
  }
}

/** The newest batch that stands. */
type Tip = Pick<Batch, 'content'> | undefined

async function closedSince(
  { source, rules }: LaneParts,
  {
    lane,
    tip,
    settlement,
    stranded,
    fork,
    orphans,
  }: Pick<LaneSight, 'lane' | 'settlement' | 'stranded' | 'fork' | 'orphans'> & {
    readonly tip: Tip
  },
): Promise<LaneSight['closed']> {
  const room = rules.buffer - (lane.newest - lane.settled)
  if (room <= 0 || lane.hold || orphans.length > 0) return { kind: 'told', value: [] }
  if (fork.kind === 'trouble') return fork
  if (stranded.kind === 'trouble') return stranded
  if (stranded.value) return { kind: 'trouble', message: strandedText(stranded.value) }
  const after = tip ? standingAfter(tip.content) : settledStanding(settlement)
  if (after.kind === 'trouble') return after
  return await asked(async () => source.closed(after.value, Math.min(room, mostClosed)))
}

/** A contract that stands on a block which the chain has lost: nothing can follow it, and only people can mend that. */
async function strandedOn(
  { source }: LaneParts,
  { tip, fork, settlement }: Pick<LaneSight, 'fork' | 'settlement'> & { readonly tip: Tip },
): Promise<LaneSight['stranded']> {
  if (fork.kind === 'trouble') return fork
  if (tip) return { kind: 'told', value: undefined }
  if (settlement.kind === 'trouble') return settlement
  const { number, hash } = settlement.value.latest
  if (number < 0 || hash === undefined) return { kind: 'told', value: undefined }
  const has = await asked(async () => source.has({ number, hash }))
  if (has.kind === 'trouble') return has
  return { kind: 'told', value: has.value ? undefined : { number, hash } }
}

function standingAfter({ last, newRoot }: BatchContent): Asked<Standing> {
  return { kind: 'told', value: { number: last.number, hash: last.hash, root: newRoot } }
}

/** The first batch of a lane begins after what its contract has. */
function settledStanding(settlement: LaneSight['settlement']): Asked<Standing> {
  return settlement.kind === 'trouble'
    ? settlement
    : { kind: 'told', value: settlement.value.latest }
}
