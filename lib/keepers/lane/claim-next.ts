import type { Intent } from '../../domain/intent.ts'
import { freeNonce, lightened } from '../../domain/lane-follow.ts'
import type { Lane, RefusedMarket } from '../../domain/lane.ts'
import { type LeftOut, partName } from '../../domain/left-out.ts'
import { isUrgent } from '../../domain/urgent.ts'
import { dropping } from './drop-work.ts'
import { withFunds, withoutFunds } from './funds.ts'
import type { LaneWorld } from './lane-world.ts'
import type { LaneLook } from './look.ts'
import { drop, openIntents } from './open-intents.ts'
import { type Prepared, prepareWork } from './prepare-work.ts'

/**
 * The lane with the next waiting intent in it, signed and not yet sent, or without those that are not to be sent any
 * more; undefined where there is nothing to add.
 *
 * One transaction at most is in no block: a price that waits behind another one is replaced by a newer price, and the
 * engine's own nonce is read when nothing of ours can still change it. Only urgent work has places beside that one.
 */
export async function claimNext(
  world: LaneWorld,
  lane: Lane,
  { nonce, sight }: LaneLook,
): Promise<Lane | undefined> {
  const { waiting, overdue } = await openIntents(world, lane)
  if (overdue.length > 0) return dropping(lane, overdue)
  if (sight.stalled) return undefined
  for (const intent of waiting.filter((one) => hasPlace(world, lane, one))) {
    const prepared = await prepareWork(world, { lane, intent, nonce: freeNonce(lane, nonce) })
    // What may not cost as much yet keeps nothing else from being sent.
    if (prepared.kind !== 'held') return withWork(world, lane, { intent, prepared })
  }
  return undefined
}

function hasPlace({ policy }: LaneWorld, { inFlight }: Lane, { action }: Intent): boolean {
  const outside = inFlight.filter(({ state }) => state !== 'included').length
  const { urgentPlaces = 0 } = policy
  return outside === 0 || (isUrgent(action) && outside <= urgentPlaces)
}

function withWork(
  world: LaneWorld,
  lane: Lane,
  {
    intent,
    prepared,
  }: { readonly intent: Intent; readonly prepared: Exclude<Prepared, { readonly kind: 'held' }> },
): Lane {
  switch (prepared.kind) {
    case 'no-funds':
      return withoutFunds(world, lane, prepared.need)
    case 'refused': {
      const { why, reason, left } = prepared
      const work = drop(intent, { why, reason, left })
      return dropping(withRefused(world, lane, { intent, left }), [work])
    }
    case 'prepared': {
      const { transaction, left } = prepared
      return {
        ...withFunds(withRefused(world, lane, { intent, left })),
        nextNonce: transaction.nonce + 1,
        inFlight: [...lane.inFlight.map(lightened), transaction],
      }
    }
  }
}

/** While the account cannot pay, work still comes too late or is overtaken. */
export async function dropOverdue(world: LaneWorld, lane: Lane): Promise<Lane | undefined> {
  const { overdue } = await openIntents(world, lane)
  return overdue.length > 0 ? dropping(lane, overdue) : undefined
}

/** What the engine refuses is known anew with each push to it, and since when. */
function withRefused(
  { clock }: LaneWorld,
  { refused = [], ...lane }: Lane,
  { intent, left }: { readonly intent: Intent; readonly left: readonly LeftOut[] },
): Lane {
  const { engine } = intent.action
  const known = refused.filter((one) => one.engine === engine)
  const others = refused.filter((one) => one.engine !== engine)
  const now = left
    .filter(({ why }) => why === 'refused')
    .map((one): RefusedMarket => {
      const before = known.find((other) => partName(other) === partName(one))
      return { ...one, engine, since: before?.since ?? clock.now() }
    })
  const all = [...others, ...now]
  return all.length > 0 ? { ...lane, refused: all } : lane
}
