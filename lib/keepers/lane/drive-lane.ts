import { isFinal } from '../../domain/intent.ts'
import type { Timestamp } from '../../domain/time.ts'
import { advanceLane } from './advance-lane.ts'
import type { LaneWorld } from './lane-world.ts'

/** How often a waiting worker looks: a fraction of the fastest chain's block time. */
const lookMs = 400

/** Advances the lane until nothing of it waits for a block, or the time is up; the sweeper goes on from there. */
export async function driveLane(world: LaneWorld, until: Timestamp): Promise<void> {
  for (;;) {
    const { outside } = await advanceLane(world)
    const over = world.clock.now() + lookMs >= until
    if (over || (outside === 0 && !(await anyWaits(world)))) return
    await world.clock.sleep(lookMs)
  }
}

async function anyWaits(world: LaneWorld): Promise<boolean> {
  const open = await world.store.intents.open(world.id)
  return open.some(({ state }) => !isFinal(state) && state.kind === 'waiting')
}
