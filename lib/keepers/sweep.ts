import type { TickOutcome } from '../ports.ts'
import { deliverAlerts, type Messenger } from './deliver-alerts.ts'
import { advanceLane } from './lane/advance-lane.ts'
import type { LaneWorld } from './lane/lane-world.ts'
import { messageOf } from './message-of.ts'

/**
 * Takes up whatever is not final: every lane is advanced, every message that is due is delivered. One that does not
 * work keeps no other from its turn. Losing every message of the queue costs the delay until this runs.
 */
export async function sweep(world: {
  readonly lanes: readonly LaneWorld[]
  readonly messenger: Messenger
}): Promise<Pick<TickOutcome, 'kind' | 'reason' | 'detail'>> {
  const { lanes, messenger } = world
  const ends = await Promise.allSettled([
    ...lanes.map(async (lane) => {
      await advanceLane(lane)
    }),
    deliverAlerts(messenger),
  ])
  const names = [...lanes.map(({ id }) => id), 'alerts']
  const failures = ends.flatMap((end, at) =>
    end.status === 'rejected' ? [`${names[at]}: ${messageOf(end.reason)}`] : [],
  )
  return failures.length === 0
    ? { kind: 'done', reason: 'swept', detail: '' }
    : { kind: 'failed', reason: 'not-all-swept', detail: failures.join('; ') }
}
