import { FeeCapError } from '../../domain/fee.ts'
import { nextSendStep } from '../../domain/lane-follow.ts'
import type { Lane, LaneAttempt, LaneTransaction } from '../../domain/lane.ts'
import type { BroadcastAnswer } from '../../domain/transaction.ts'
import { callsOf } from './calls.ts'
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

/** One step for the first transaction that needs one; those behind it wait for it anyway. */
export async function sendWaiting(world: LaneWorld, lane: Lane, look: LaneLook): Promise<Sending> {
  for (const transaction of lane.inFlight) {
    switch (nextSendStep(transaction, look.sight)) {
      case 'wait':
        continue
      case 'send':
        return await send(world, lane, transaction)
      case 'replace':
        return await replace(world, lane, transaction)
    }
  }
  return { kind: 'nothing' }
}

async function send(world: LaneWorld, lane: Lane, transaction: LaneTransaction): Promise<Sending> {
  const newest = transaction.attempts.at(-1)
  if (!newest) return { kind: 'nothing' }
  const answer = await world.chain.broadcast(newest.bytes)
  if (answer.kind === 'refused') return await refused(world, lane, transaction, answer)
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
  transaction: LaneTransaction,
  { why, reason }: Extract<BroadcastAnswer, { kind: 'refused' }>,
): Promise<Sending> {
  switch (why) {
    case 'underpriced':
    case 'duplicate-nonce':
      return await replace(world, lane, transaction)
    case 'nonce-too-low':
    case 'nonce-too-high':
      // Whose nonce it is, the chain tells at the next look.
      return { kind: 'nothing' }
    case 'funds':
    case 'invalid':
      return await given(world, lane, transaction, reason)
  }
}

/** No node has any of its bytes, and none will: the work failed, and the nonce is free where it is the lane's last. */
async function given(
  world: LaneWorld,
  lane: Lane,
  transaction: LaneTransaction,
  reason: string,
): Promise<Sending> {
  const everSent = transaction.attempts.some(({ sentAt }) => sentAt !== undefined)
  const last = lane.nextNonce === transaction.nonce + 1
  if (everSent || !last || transaction.attempts.length > 1) return { kind: 'nothing' }
  await moveIntents(world, transaction, {
    kind: 'failed',
    why: 'refused',
    reason,
    hash: transaction.attempts.at(-1)?.hash,
  })
  const inFlight = lane.inFlight.filter((one) => one !== transaction)
  return { kind: 'sent', lane: { ...lane, nextNonce: transaction.nonce, inFlight } }
}

/** The same work at the same nonce for a higher fee; nothing where the chain says that it would fail now. */
async function replace(
  world: LaneWorld,
  lane: Lane,
  transaction: LaneTransaction,
): Promise<Sending> {
  const newest = transaction.attempts.at(-1)
  if (!newest || transaction.attempts.length >= world.policy.maxAttempts) return { kind: 'nothing' }
  const calls = await callsOf(world, transaction)
  const simulation = await world.chain.simulate(world.account, calls)
  const market = simulation.kind === 'ok' ? simulation.fee : newest.fee
  const fee = world.chain.bump(newest.fee, market)
  const attempt = await signAttempt(world, { calls, nonce: transaction.nonce, fee })
  // What is out stays out; transaction-stuck tells people if it does not land.
  if (attempt instanceof FeeCapError) return { kind: 'nothing' }
  const next = { ...transaction, attempts: [...transaction.attempts, attempt] }
  return { kind: 'store', lane: replaced(lane, transaction, next) }
}

function replaced(lane: Lane, before: LaneTransaction, after: LaneTransaction): Lane {
  return { ...lane, inFlight: lane.inFlight.map((one) => (one === before ? after : one)) }
}
