import type { DroppedWork, Lane, LaneTransaction } from '../../domain/lane.ts'
import type { LaneWorld } from './lane-world.ts'
import { moveIntent } from './move-intents.ts'

/** The lane that has decided never to send this work. Nothing is told of it before that is stored. */
export function dropping(lane: Lane, work: readonly DroppedWork[]): Lane {
  return work.length === 0 ? lane : { ...lane, dropped: [...(lane.dropped ?? []), ...work] }
}

/** Everything that a transaction was to do. */
export function workOf(
  { intents, attempts, left }: LaneTransaction,
  { why, reason, inclusion }: Pick<DroppedWork['state'], 'why' | 'reason' | 'inclusion'>,
): readonly DroppedWork[] {
  const hash = (attempts.findLast(({ nothing }) => !nothing) ?? attempts.at(-1))?.hash
  const state = {
    kind: 'failed',
    why,
    reason,
    hash,
    ...(left && { left }),
    ...(inclusion && { inclusion }),
  } as const
  return intents.map((intent) => ({ intent, state }))
}

/** Tells the intents of what a stored lane has dropped, and comes back without it; undefined where there is none. */
export async function tellDropped(world: LaneWorld, lane: Lane): Promise<Lane | undefined> {
  const { dropped, ...rest } = lane
  if (!dropped) return undefined
  for (const { intent, state } of dropped) await moveIntent(world, intent, state)
  return rest
}
