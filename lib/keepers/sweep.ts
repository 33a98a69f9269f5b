import type { Store, TickOutcome } from '../ports.ts'
import { deliverAlerts, type Messenger } from './deliver-alerts.ts'
import { advanceLane } from './lane/advance-lane.ts'
import type { LaneWorld } from './lane/lane-world.ts'
import { followLeftBehind, lanesLeftBehind } from './lane/left-behind.ts'
import { messageOf } from './message-of.ts'

/**
 * Takes up whatever is not final: every lane is advanced, every message that is due is delivered. One that does not
 * work keeps no other from its turn. Losing every message of the queue costs the delay until this runs.
 */
export async function sweep(world: {
  readonly lanes: readonly LaneWorld[]
  /** Where the network file has no such account any more; absent where there can be none. */
  readonly leftBehind?: LeftBehind
  readonly messenger: Messenger
}): Promise<Pick<TickOutcome, 'kind' | 'reason' | 'detail'>> {
  const { lanes, leftBehind, messenger } = world
  const ends = await Promise.allSettled([
    ...lanes.map(async (lane) => {
      await advanceLane(lane)
    }),
    deliverAlerts(messenger),
    leftBehind && followAll(leftBehind, lanes),
  ])
  const names = [...lanes.map(({ id }) => id), 'alerts', 'lanes left behind']
  const failures = ends.flatMap((end, at) =>
    end.status === 'rejected' ? [`${names[at]}: ${messageOf(end.reason)}`] : [],
  )
  return failures.length === 0
    ? { kind: 'done', reason: 'swept', detail: '' }
    : { kind: 'failed', reason: 'not-all-swept', detail: failures.join('; ') }
}

export type LeftBehind = {
  readonly store: Pick<Store, 'lanes'>
  /** A lane as far as it can be followed without its key; undefined where the network file has lost its chain, too. */
  readonly laneOf: (id: string) => LaneWorld | undefined
}

async function followAll({ store, laneOf }: LeftBehind, ours: readonly LaneWorld[]): Promise<void> {
  for (const id of await lanesLeftBehind(store, ours)) {
    const lane = laneOf(id)
    if (lane) await followLeftBehind(lane)
  }
}
