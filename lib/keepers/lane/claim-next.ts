import { FeeCapError } from '../../domain/fee.ts'
import { type Intent, isFinal } from '../../domain/intent.ts'
import { freeNonce } from '../../domain/lane-follow.ts'
import type { Lane, LaneTransaction } from '../../domain/lane.ts'
import { encoded } from './calls.ts'
import { engineOf, type LaneWorld } from './lane-world.ts'
import type { LaneLook } from './look.ts'
import { claimedState, moveIntent } from './move-intents.ts'
import { signAttempt } from './sign-attempt.ts'

/**
 * The lane with the next waiting intent in it, signed and not yet sent; undefined where there is nothing to add.
 *
 * One transaction at most is in no block: a price that waits behind another one is replaced by a newer price, and the
 * engine's own nonce is read when nothing of ours can still change it.
 */
export async function claimNext(
  world: LaneWorld,
  lane: Lane,
  { nonce }: LaneLook,
): Promise<Lane | undefined> {
  const waiting = await waitingIntents(world, lane)
  if (lane.inFlight.some(({ state }) => state !== 'included')) return undefined
  for (const intent of waiting) {
    const transaction = await prepare(world, intent, freeNonce(lane, nonce))
    if (!transaction) continue
    return {
      ...lane,
      nextNonce: transaction.nonce + 1,
      inFlight: [...lane.inFlight, transaction],
    }
  }
  return undefined
}

/** What may be sent now, oldest first. What is too late or overtaken is told so. */
async function waitingIntents(world: LaneWorld, lane: Lane): Promise<readonly Intent[]> {
  const { intents } = world.store
  const now = world.clock.now()
  const listed = await intents.open(world.id)
  const read = await Promise.all(listed.map(async ({ id }) => intents.get(id)))
  const open = read.flatMap((intent) => (intent && !isFinal(intent.state) ? [intent] : []))
  const waiting: Intent[] = []
  for (const intent of open) {
    const ours = lane.inFlight.find((transaction) => transaction.intents.includes(intent.id))
    if (ours) {
      // The process ended between the lane's write and the intent's.
      const state = intent.state.kind === 'waiting' ? claimedState(ours) : undefined
      if (state) await moveIntent(world, intent.id, state)
      continue
    }
    const newer = open.find((other) => overtakes(other, intent))
    if (intent.deadline <= now) await fail(world, intent, 'expired', 'it could not be sent in time')
    else if (newer) await fail(world, intent, 'superseded', `${newer.id} has newer prices`)
    else waiting.push(intent)
  }
  return waiting
}

/** A newer round of the same engine's prices: it holds whatever is still due of the older one. */
function overtakes(one: Intent, other: Intent): boolean {
  return one.action.engine === other.action.engine && one.action.round > other.action.round
}

async function prepare(
  world: LaneWorld,
  intent: Intent,
  nonce: number,
): Promise<LaneTransaction | undefined> {
  const sequence = (await engineOf(world, intent.action).sequence())?.toString()
  const calls = encoded(world, [intent], sequence)
  const simulation = await world.chain.simulate(world.account, calls)
  if (simulation.kind === 'reverted') {
    await fail(world, intent, 'refused', `it would be reverted: ${simulation.reason}`)
    return undefined
  }
  const attempt = await signAttempt(world, { calls, nonce, fee: simulation.fee })
  if (attempt instanceof FeeCapError) {
    await fail(world, intent, 'refused', attempt.message)
    return undefined
  }
  return {
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
}

async function fail(
  world: LaneWorld,
  intent: Intent,
  why: 'expired' | 'superseded' | 'refused',
  reason: string,
): Promise<void> {
  await moveIntent(world, intent.id, { kind: 'failed', why, reason, hash: undefined })
}
