import type { Lane } from '../../domain/lane.ts'
import type { Store } from '../../ports.ts'
import { dropOverdue } from './claim-next.ts'
import { tellDropped } from './drop-work.ts'
import { followLane } from './follow-lane.ts'
import type { LaneWorld } from './lane-world.ts'
import { look } from './look.ts'

/** The lanes in the table that this deployment does not send from: the network file may have lost their accounts. */
export async function lanesLeftBehind(
  { lanes }: Pick<Store, 'lanes'>,
  ours: readonly { readonly id: string }[],
): Promise<readonly string[]> {
  const known = new Set(ours.map(({ id }) => id))
  const ids = await lanes.ids()
  return ids.filter((id) => !known.has(id))
}

/**
 * Brings what such a lane holds to its end, as far as that can be without its key: what is out is followed, what waits
 * is dropped when it is too late. Nothing is signed or sent. Where another deployment with the same table owns the lane,
 * this is no more than what that one does.
 */
export async function followLeftBehind(world: LaneWorld): Promise<void> {
  const lane = await world.store.lanes.read(world.id)
  if (!lane) return
  const next = await nextLane(world, lane)
  if (next) await world.store.lanes.write({ ...next, version: lane.version + 1 })
}

async function nextLane(world: LaneWorld, lane: Lane): Promise<Lane | undefined> {
  const told = await tellDropped(world, lane)
  if (told) return told
  const seen = lane.inFlight.length > 0 ? await look(world, lane) : undefined
  const followed = seen ? await followLane(world, lane, seen) : lane
  return followed === lane ? await dropOverdue(world, lane) : followed
}
