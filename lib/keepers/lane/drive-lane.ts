import { isFinal } from '../../domain/intent.ts'
import type { KeeperSlot } from '../keeper.ts'
import { messageOf } from '../message-of.ts'
import { advanceLane } from './advance-lane.ts'
import type { LaneWorld } from './lane-world.ts'

/** How often a waiting worker looks: a fraction of the fastest chain's block time. */
const lookMs = 400

/** A node or a store that fails is asked less and less often, and so is a chain that costs too much. */
const longestRestMs = 5_000

/**
 * Advances the lane until nothing of it waits for a block, or the time is up; the sweeper goes on from there. A look
 * that fails is told and made again while there is time: what is signed should not wait a minute for one lost answer.
 */
export async function driveLane(
  world: LaneWorld,
  { until, signal }: Pick<KeeperSlot, 'until' | 'signal'>,
): Promise<void> {
  let restMs = lookMs
  for (;;) {
    if (signal?.aborted) return
    const look = await looked(world)
    restMs =
      look.kind === 'failed' || look.kind === 'held' ? Math.min(restMs * 2, longestRestMs) : lookMs
    const over = world.clock.now() + restMs >= until
    if (look.kind === 'done') return
    if (over && look.kind === 'failed') throw look.error
    if (over) return
    if (look.kind === 'more') continue
    if (look.kind === 'failed') tellTrouble(world, look.error)
    await world.clock.sleep(restMs, signal)
  }
}

type Look =
  /**
   * `held`: nothing is under way, and what waits may not go yet, or cannot be paid for. `more`: there is more to do at once, as
   * where a gateway takes one after another.
   */
  | { readonly kind: 'done' | 'waiting' | 'held' | 'more' }
  | { readonly kind: 'failed'; readonly error: unknown }

async function looked(world: LaneWorld): Promise<Look> {
  try {
    const { lane, outside, isDone } = await advanceLane(world)
    if (!isDone) return { kind: 'more' }
    if (outside > 0 && !lane.noFunds) return { kind: 'waiting' }
    return { kind: outside > 0 || (await anyWaits(world)) ? 'held' : 'done' }
  } catch (error) {
    return { kind: 'failed', error }
  }
}

async function anyWaits(world: LaneWorld): Promise<boolean> {
  const open = await world.store.intents.open(world.id)
  return open.some(({ state }) => !isFinal(state) && state.kind === 'waiting')
}

function tellTrouble({ id, clock, notify }: LaneWorld, error: unknown): void {
  notify({ kind: 'trouble', at: clock.now(), where: `lane ${id}`, message: messageOf(error) })
}
