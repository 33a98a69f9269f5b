import { FeeCapError, withAmountsOf } from '../../domain/fee.ts'
import { type LaneSight, nextSendStep } from '../../domain/lane-follow.ts'
import type { Lane, LaneAttempt, LaneTransaction } from '../../domain/lane.ts'
import type { BroadcastAnswer, Call } from '../../domain/transaction.ts'
import { allowedNow } from './allowed-now.ts'
import { callsForNothing, simulateWork, workIn } from './calls.ts'
import { refusedDeployment } from './deploy-account.ts'
import { holdsStill } from './engine-lease.ts'
import { withFunds, withoutFunds } from './funds.ts'
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
  const { transaction, sight } = waiting
  const next = nextSendStep(transaction, sight)
  if (next === 'wait') return { kind: 'nothing' }
  if (next === 'cancel') return await cancel(world, lane, waiting)
  if (!transaction.attempts.at(-1)?.nothing && !(await holdsStill(world, transaction)))
    return sight.stalled ? { kind: 'nothing' } : await cancel(world, lane, waiting)
  switch (next) {
    case 'send':
      return await send(world, lane, waiting)
    case 'replace':
      return await replace(world, lane, waiting)
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
  return { kind: 'sent', lane: replaced(withFunds(lane), transaction, next) }
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
      const next = await replacement(world, lane, waiting.transaction)
      // Another worker may be about to send these bytes, and fees fall: until its nonce is used it is not given up.
      if (next instanceof FeeCapError) return { kind: 'nothing' }
      return stored(lane, waiting.transaction, next)
    }
    case 'nonce-too-low':
    case 'nonce-too-high':
      // Whose nonce it is, the chain tells at the next look.
      return { kind: 'nothing' }
    case 'funds': {
      // Whatever the node counts besides: it is more than there is.
      const need = (await world.chain.balance(world.account)) + 1n
      return { kind: 'store', lane: withoutFunds(world, lane, need) }
    }
    case 'invalid':
      return await invalid(world, lane, { ...waiting, reason })
  }
}

/**
 * A node says that these bytes can never land. It may be wrong, and another worker may be about to send them, so the
 * nonce is used for nothing, and the work fails when that has landed. Where not even that is taken it is the account that
 * is not as it should be: a node that takes it, or a key that is mended, lets the lane go on.
 */
async function invalid(
  world: LaneWorld,
  lane: Lane,
  waiting: Waiting & { readonly reason: string },
): Promise<Sending> {
  const { transaction, sight, reason } = waiting
  const { attempts } = transaction
  const newest = attempts.at(-1)
  if (newest?.nothing) return await signedByNow(world, lane, { transaction, newest })
  const wasSent = attempts.some(({ sentAt }) => sentAt !== undefined)
  if (wasSent || isOut(waiting) || sight.stalled) return { kind: 'nothing' }
  // Without an account there is nothing else to use this nonce for.
  if (newest && transaction.deploys) {
    const again = await signedByNow(world, lane, { transaction, newest })
    if (again.kind !== 'nothing') return again
    return { kind: 'store', lane: await refusedDeployment(world, lane, reason) }
  }
  return await cancel(world, lane, { transaction, sight, refusal: reason })
}

/** The same transaction, if the account's key is another one by now. */
async function signedByNow(
  world: LaneWorld,
  lane: Lane,
  { transaction, newest }: Signing,
): Promise<Sending> {
  const again = await signedLike(world, transaction, newest)
  return again === undefined || again.bytes === newest.bytes
    ? { kind: 'nothing' }
    : stored(lane, transaction, {
        ...transaction,
        attempts: [...others(transaction, again), again],
      })
}

async function replace(world: LaneWorld, lane: Lane, waiting: Waiting): Promise<Sending> {
  const { transaction } = waiting
  const next = await replacement(world, lane, transaction)
  if (!(next instanceof FeeCapError)) return stored(lane, transaction, next)
  // What is out stays out; transaction-stuck tells people if it does not land. What no pool has is sent as it was.
  return isOut(waiting) ? { kind: 'nothing' } : await send(world, lane, waiting)
}

/** Whether any node has any of its bytes. */
function isOut({ transaction, sight }: Waiting): boolean {
  return transaction.attempts.some(({ hash }) => sight.statuses.get(hash)?.kind !== 'unknown')
}

/**
 * The same work at the same nonce for a higher fee; undefined where it was raised often enough. Also where a node says
 * that it would fail: a node that counts its pool says so of everything that is out.
 */
async function replacement(
  world: LaneWorld,
  lane: Lane,
  transaction: LaneTransaction,
): Promise<LaneTransaction | FeeCapError | undefined> {
  const newest = transaction.attempts.at(-1)
  const made = transaction.attempts.filter(({ nothing }) => nothing === newest?.nothing).length
  if (!newest || made >= world.policy.maxAttempts) return undefined
  const calls = await callsAt(world, transaction, newest)
  const simulation = await simulateWork(world, calls)
  const market = simulation.kind === 'ok' ? simulation.fee : newest.fee
  const fee = world.chain.bump(newest.fee, market)
  const allowed = newest.nothing ? undefined : await allowedNow(world, lane, transaction)
  const attempt = await signAttempt(world, { calls, nonce: transaction.nonce, fee }, allowed)
  if (attempt instanceof FeeCapError) return attempt
  return withAttempt(transaction, newest.nothing ? { ...attempt, nothing: true } : attempt)
}

async function callsAt(world: LaneWorld, transaction: LaneTransaction, { nothing }: LaneAttempt) {
  return nothing ? nothingAt(world, transaction) : workIn(world, transaction)
}

/** What takes its nonce for nothing. */
async function nothingAt(world: LaneWorld, transaction: LaneTransaction): Promise<readonly Call[]> {
  const hasBlobs = transaction.attempts.some(({ fee }) => fee.kind === 'evm' && fee.blobs)
  const work = hasBlobs ? await workIn(world, transaction) : []
  return callsForNothing(world, work === 'deployment' ? [] : work)
}

/**
 * Only the newest bytes are ever sent again: a row that kept them all would outgrow the store. A StarkEx gateway replaces
 * nothing, so there are two at most, and it must be shown them to say whose the nonce is.
 */
function withAttempt(transaction: LaneTransaction, attempt: LaneAttempt): LaneTransaction {
  const before = transaction.attempts.map((one) =>
    one.fee.kind === 'starkex' ? one : { ...one, bytes: undefined },
  )
  return { ...transaction, attempts: [...before, attempt] }
}

/**
 * What takes the nonce of work that came too late, for a fee that the pool must prefer: whichever of them lands decides.
 * It is worth whatever a transaction of the chain may cost, since everything behind it waits. Where that is too little,
 * and no pool has anything to be preferred to, what the market asks is enough.
 */
async function cancel(
  world: LaneWorld,
  lane: Lane,
  { transaction, sight, refusal }: Waiting & { readonly refusal?: string },
): Promise<Sending> {
  const newest = transaction.attempts.at(-1)
  if (!newest) return { kind: 'nothing' }
  const { nonce } = transaction
  const calls = await nothingAt(world, transaction)
  const simulation = await world.chain.simulate(world.account, calls)
  const market = simulation.kind === 'ok' ? simulation.fee : newest.fee
  const raised = world.chain.bump(withAmountsOf(newest.fee, market), market)
  for (const fee of isOut({ transaction, sight }) ? [raised] : [raised, market]) {
    const attempt = await signAttempt(world, { calls, nonce, fee })
    if (attempt instanceof FeeCapError) continue
    const cancelled = withAttempt(transaction, { ...attempt, nothing: true })
    return stored(lane, transaction, { ...cancelled, ...(refusal !== undefined && { refusal }) })
  }
  return { kind: 'nothing' }
}

/**
 * What was in a block that is lost, when no pool has it any more: the same work, nonce and fee, and so the same bytes
 * where keys sign the same. It counts as sent, for it was.
 */
async function signedAgain(
  world: LaneWorld,
  lane: Lane,
  { transaction, newest }: Signing,
): Promise<Sending> {
  const again = await signedLike(world, transaction, newest)
  if (!again) return { kind: 'nothing' }
  return stored(lane, transaction, {
    ...transaction,
    attempts: [...others(transaction, again), again],
  })
}

type Signing = { readonly transaction: LaneTransaction; readonly newest: LaneAttempt }

async function signedLike(
  world: LaneWorld,
  transaction: LaneTransaction,
  newest: LaneAttempt,
): Promise<LaneAttempt | undefined> {
  const calls = await callsAt(world, transaction, newest)
  const { nonce } = transaction
  const attempt = await signAttempt(world, { calls, nonce, fee: newest.fee })
  if (attempt instanceof FeeCapError) return undefined
  const { signedAt, sentAt, nothing } = newest
  return { ...attempt, signedAt, sentAt, ...(nothing && { nothing }) }
}

/** What does nothing on StarkEx has a time in it, which passes: where it was not taken, one of now is in its place. */
function others(
  { attempts }: LaneTransaction,
  { hash, nothing }: LaneAttempt,
): readonly LaneAttempt[] {
  const isOutdated = (one: LaneAttempt) =>
    one.fee.kind === 'starkex' && one.nothing === true && nothing === true
  return attempts.filter((attempt) => attempt.hash !== hash && !isOutdated(attempt))
}

function stored(lane: Lane, before: LaneTransaction, after: LaneTransaction | undefined): Sending {
  return after ? { kind: 'store', lane: replaced(lane, before, after) } : { kind: 'nothing' }
}

function replaced(lane: Lane, before: LaneTransaction, after: LaneTransaction): Lane {
  return { ...lane, inFlight: lane.inFlight.map((one) => (one === before ? after : one)) }
}
