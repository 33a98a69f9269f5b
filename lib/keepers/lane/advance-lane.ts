import type { Lane } from '../../domain/lane.ts'
import { claimNext, dropOverdue } from './claim-next.ts'
import { deployAccount } from './deploy-account.ts'
import { tellDropped } from './drop-work.ts'
import { giveBackUnstored } from './engine-lease.ts'
import { fillGap } from './fill-gap.ts'
import { followLane, inclusionOf, settle } from './follow-lane.ts'
import { isBroke, recovered } from './funds.ts'
import type { LaneWorld } from './lane-world.ts'
import { look } from './look.ts'
import { provenLane } from './prove-lane.ts'
import { sendWaiting } from './send-waiting.ts'

/** How a lane stands after it was advanced as far as it goes now. */
export type LaneStanding = {
  readonly lane: Lane
  /** Transactions in no block yet. */
  readonly outside: number
  /** It stands as it should; else the steps of one look were too few for all that can be done now. */
  readonly isDone: boolean
}

/** Enough for a follow, a drop, a deployment, a claim, a send and a fill, each lost to another worker once. */
const maxSteps = 12

/**
 * Follows what is in flight, sends what must be sent, and claims the next intent. Whatever is signed is in the lane's row
 * before any node sees it, and a row that somebody else has changed is read again: two workers cannot use one nonce twice.
 */
export async function advanceLane(world: LaneWorld): Promise<LaneStanding> {
  let lane = await readLane(world)
  for (let step = 0; step < maxSteps; step += 1) {
    const next = await nextLane(world, lane)
    if (!next) return standing(lane, true)
    const written = { ...next, version: lane.version + 1 }
    const answer = await world.store.lanes.write(written)
    lane = answer === 'written' ? written : await readLane(world)
    if (answer === 'stale') await giveBackUnstored(world, written, lane)
  }
  return standing(lane, false)
}

function standing(lane: Lane, isDone: boolean): LaneStanding {
  const outside = lane.inFlight.filter(({ state }) => state !== 'included').length
  return { lane, outside, isDone }
}

/** The lane's next row, or undefined where it stands as it should. */
async function nextLane(world: LaneWorld, lane: Lane): Promise<Lane | undefined> {
  const told = await tellDropped(world, lane)
  if (told) return told
  const seen = await look(world, lane)
  if (!seen) return undefined
  const followed = await followLane(world, lane, seen)
  if (followed !== lane) return followed
  if (await isBroke(world, lane)) return await dropOverdue(world, lane)
  const deploying = await deployAccount(world, lane, seen)
  if (deploying) return deploying
  const filled = await fillGap(world, lane, seen)
  if (filled) return filled
  const sending = await sendWaiting(world, lane, seen)
  if (sending.kind !== 'nothing') return sending.lane
  const next = (await claimNext(world, lane, seen)) ?? (await recovered(world, lane))
  if (next) return next
  return await provenLane(world, lane, {
    settle: async (transaction) => settle(world, transaction),
    inclusionOf: async (transaction) => inclusionOf(world, transaction),
  })
}

async function readLane({ id, store }: LaneWorld): Promise<Lane> {
  const stored = await store.lanes.read(id)
  return stored ?? { id, nextNonce: undefined, inFlight: [], version: 0 }
}
