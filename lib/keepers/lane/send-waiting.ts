import { FeeCapError } from '../../domain/fee.ts'
import { type LaneSight, nextSendStep } from '../../domain/lane-follow.ts'
import type { Lane, LaneAttempt, LaneTransaction } from '../../domain/lane.ts'
import type { BroadcastAnswer } from '../../domain/transaction.ts'
import { callsOf } from './calls.ts'
import { dropping, workOf } from './drop-work.ts'
import type { LaneWorld } from './lane-world.ts'
import type { LaneLook } from './look.ts'
import { claimedState, moveIntents } from './move-intents.ts'
import { signAttempt } from './sign-attempt.ts'

/**
 * What the lane becomes by one step of sending. `store` must be written before anything else happens: it holds bytes
 * that nobody has sent yet. `sent` tells what a node answered.
 */
export type Sending =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'store'; readonly lane: Lane }
  | { readonly kind: 'sent'; readonly lane: Lane }

/** One step for the first transaction that needs one and whose step changes the lane. */
export async function sendWaiting(world: LaneWorld, lane: Lane, look: LaneLook): Promise<Sending> {
  for (const transaction of lane.inFlight) {
    const done = await step(world, lane, { transaction, sight: look.sight })
    if (done.kind !== 'nothing') return done
  }
  return { kind: 'nothing' }
}

type Waiting = { readonly transaction: LaneTransaction; readonly sight: LaneSight }

async function step(world: LaneWorld, lane: Lane, waiting: Waiting): Promise<Sending> {
  switch (nextSendStep(waiting.transaction, waiting.sight)) {
    case 'wait':
      return { kind: 'nothing' }
    case 'send':
      return await send(world, lane, waiting)
    case 'replace':
      return await replace(world, lane, waiting.transaction)
  }
}

async function send(
  world: LaneWorld,
  lane: Lane,
  { transaction, sight }: Waiting,
): Promise<Sending> {
  const newest = transaction.attempts.at(-1)
  if (!newest) return { kind: 'nothing' }
  if (newest.bytes === undefined) return await signedAgain(world, lane, { transaction, newest })
  const answer = await world.chain.broadcast(newest.bytes)
  if (answer.kind === 'refused') return await refused(world, lane, { transaction, sight }, answer)
  // Sent before: the node only needed to be reminded.
  if (newest.sentAt !== undefined) return { kind: 'nothing' }
  return await sent(world, lane, transaction, newest)
}

async function sent(
  world: LaneWorld,
  lane: Lane,
  transaction: LaneTransaction,
  newest: LaneAttempt,
): Promise<Sending> {
  const attempts = [...transaction.attempts.slice(0, -1), { ...newest, sentAt: world.clock.now() }]
  const next: LaneTransaction = { ...transaction, state: 'sent', attempts }
  const state = claimedState(next)
  if (state) await moveIntents(world, next, state)
  return { kind: 'sent', lane: replaced(lane, transaction, next) }
}

async function refused(
  world: LaneWorld,
  lane: Lane,
  waiting: Waiting,
  { why, reason }: Extract<BroadcastAnswer, { kind: 'refused' }>,
): Promise<Sending> {
  switch (why) {
    case 'underpriced':
    case 'duplicate-nonce': {
      if (waiting.sight.stalled) return { kind: 'nothing' }
      const next = await replacement(world, waiting.transaction)
      if (next instanceof FeeCapError) return given(lane, waiting, next.message)
      return stored(lane, waiting.transaction, next)
    }
    case 'nonce-too-low':
    case 'nonce-too-high':
      // Whose nonce it is, the chain tells at the next look.
      return { kind: 'nothing' }
    case 'funds':
    case 'invalid':
      return given(lane, waiting, reason)
  }
}

/**
 * No node has any of its bytes, and none will: the work is dropped, and the nonce is free where it is the lane's last.
 * An answer that was lost is no refusal, so a node that knows the bytes keeps them.
 */
function given(lane: Lane, { transaction, sight }: Waiting, reason: string): Sending {
  const [attempt, ...more] = transaction.attempts
  const last = lane.nextNonce === transaction.nonce + 1
  if (!attempt || attempt.sentAt !== undefined || more.length > 0 || !last)
    return { kind: 'nothing' }
  if (sight.statuses.get(attempt.hash)?.kind !== 'unknown') return { kind: 'nothing' }
  const inFlight = lane.inFlight.filter((one) => one !== transaction)
  const without = { ...lane, nextNonce: transaction.nonce, inFlight }
  return { kind: 'store', lane: dropping(without, workOf(transaction, { why: 'refused', reason })) }
}

async function replace(
  world: LaneWorld,
  lane: Lane,
  transaction: LaneTransaction,
): Promise<Sending> {
  const next = await replacement(world, transaction)
  // What is out stays out; transaction-stuck tells people if it does not land.
  return next instanceof FeeCapError ? { kind: 'nothing' } : stored(lane, transaction, next)
}

/**
 * The same work at the same nonce for a higher fee; undefined where it was raised often enough. Also where a node says
 * that it would fail: a node that counts its pool says so of everything that is out.
 */
async function replacement(
  world: LaneWorld,
  transaction: LaneTransaction,
): Promise<LaneTransaction | FeeCapError | undefined> {
  const newest = transaction.attempts.at(-1)
  if (!newest || transaction.attempts.length >= world.policy.maxAttempts) return undefined
  const calls = await callsOf(world, transaction)
  const simulation = await world.chain.simulate(world.account, calls)
  const market = simulation.kind === 'ok' ? simulation.fee : newest.fee
  const fee = world.chain.bump(newest.fee, market)
  const attempt = await signAttempt(world, { calls, nonce: transaction.nonce, fee })
  if (attempt instanceof FeeCapError) return attempt
  return { ...transaction, attempts: [...transaction.attempts, attempt] }
}

/**
 * What was in a block that is lost, when no pool has it any more: the same work, nonce and fee, and so the same bytes
 * where keys sign the same. It counts as sent, for it was.
 */
async function signedAgain(
  world: LaneWorld,
  lane: Lane,
  { transaction, newest }: { readonly transaction: LaneTransaction; readonly newest: LaneAttempt },
): Promise<Sending> {
  const { nonce, attempts } = transaction
  const calls = await callsOf(world, transaction)
  const attempt = await signAttempt(world, { calls, nonce, fee: newest.fee })
  if (attempt instanceof FeeCapError) return { kind: 'nothing' }
  const { signedAt, sentAt } = newest
  const others = attempts.filter(({ hash }) => hash !== attempt.hash)
  const again = [...others, { ...attempt, signedAt, sentAt }]
  return stored(lane, transaction, { ...transaction, attempts: again })
}

function stored(lane: Lane, before: LaneTransaction, after: LaneTransaction | undefined): Sending {
  return after ? { kind: 'store', lane: replaced(lane, before, after) } : { kind: 'nothing' }
}

function replaced(lane: Lane, before: LaneTransaction, after: LaneTransaction): Lane {
  return { ...lane, inFlight: lane.inFlight.map((one) => (one === before ? after : one)) }
}
