import { FeeCapError } from '../../domain/fee.ts'
import { type Intent, isFinal } from '../../domain/intent.ts'
import { freeNonce, lightened } from '../../domain/lane-follow.ts'
import type { DroppedWork, Lane, LaneTransaction } from '../../domain/lane.ts'
import { encoded } from './calls.ts'
import { dropping } from './drop-work.ts'
import { engineOf, type LaneWorld } from './lane-world.ts'
import type { LaneLook } from './look.ts'
import { claimedState, moveIntent } from './move-intents.ts'
import { signAttempt } from './sign-attempt.ts'

/**
 * The lane with the next waiting intent in it, signed and not yet sent, or without those that are not to be sent any
 * more; undefined where there is nothing to add.
 *
 * One transaction at most is in no block: a price that waits behind another one is replaced by a newer price, and the
 * engine's own nonce is read when nothing of ours can still change it.
 */
export async function claimNext(
  world: LaneWorld,
  lane: Lane,
  { nonce, sight }: LaneLook,
): Promise<Lane | undefined> {
  const { waiting, overdue } = await openIntents(world, lane)
  if (overdue.length > 0) return dropping(lane, overdue)
  const [next] = waiting
  if (!next || sight.stalled || lane.inFlight.some(({ state }) => state !== 'included'))
    return undefined
  const prepared = await prepare(world, next, freeNonce(lane, nonce))
  if (prepared.kind === 'refused')
    return dropping(lane, [drop(next, { why: 'refused', reason: prepared.reason })])
  const { transaction } = prepared
  return {
    ...lane,
    nextNonce: transaction.nonce + 1,
    inFlight: [...lane.inFlight.map(lightened), transaction],
  }
}

/** What may be sent now, oldest first, and what is too late or overtaken. */
async function openIntents(
  world: LaneWorld,
  lane: Lane,
): Promise<{ readonly waiting: readonly Intent[]; readonly overdue: readonly DroppedWork[] }> {
  const { intents } = world.store
  const now = world.clock.now()
  const listed = await intents.open(world.id)
  const read = await Promise.all(listed.map(async ({ id }) => intents.get(id)))
  const open = read.flatMap((intent) => (intent && !isFinal(intent.state) ? [intent] : []))
  const waiting: Intent[] = []
  const overdue: DroppedWork[] = []
  for (const intent of open) {
    const ours = lane.inFlight.find((transaction) => transaction.intents.includes(intent.id))
    if (ours) {
      // The process ended between the lane's write and the intent's.
      const state = intent.state.kind === 'waiting' ? claimedState(ours) : undefined
      if (state) await moveIntent(world, intent.id, state)
      continue
    }
    const newer = open.find((other) => overtakes(other, intent))
    if (intent.deadline <= now)
      overdue.push(drop(intent, { why: 'expired', reason: 'it could not be sent in time' }))
    else if (newer)
      overdue.push(drop(intent, { why: 'superseded', reason: `${newer.id} has newer prices` }))
    else waiting.push(intent)
  }
  return { waiting, overdue }
}

/** A newer round of the same engine's prices: it holds whatever is still due of the older one. */
function overtakes(one: Intent, other: Intent): boolean {
  return one.action.engine === other.action.engine && one.action.round > other.action.round
}

function drop(
  { id }: Intent,
  { why, reason }: Pick<DroppedWork['state'], 'why' | 'reason'>,
): DroppedWork {
  return { intent: id, state: { kind: 'failed', why, reason, hash: undefined } }
}

type Prepared =
  | { readonly kind: 'prepared'; readonly transaction: LaneTransaction }
  | { readonly kind: 'refused'; readonly reason: string }

async function prepare(world: LaneWorld, intent: Intent, nonce: number): Promise<Prepared> {
  const sequence = (await engineOf(world, intent.action).sequence())?.toString()
  const calls = encoded(world, [intent], sequence)
  const simulation = await world.chain.simulate(world.account, calls)
  if (simulation.kind === 'reverted')
    return { kind: 'refused', reason: `it would be reverted: ${simulation.reason}` }
  const attempt = await signAttempt(world, { calls, nonce, fee: simulation.fee })
  if (attempt instanceof FeeCapError) return { kind: 'refused', reason: attempt.message }
  const transaction: LaneTransaction = {
    nonce,
    sequence,
    intents: [intent.id],
    attempts: [attempt],
    state: 'prepared',
    block: undefined,
    outcome: undefined,
    seenAt: undefined,
    lostSince: undefined,
  }
  return { kind: 'prepared', transaction }
}
