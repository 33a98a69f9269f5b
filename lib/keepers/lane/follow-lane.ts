import type { Inclusion } from '../../domain/intent.ts'
import { follow, lightened, settledIn } from '../../domain/lane-follow.ts'
import type { DroppedWork, Lane, LaneAttempt, LaneTransaction } from '../../domain/lane.ts'
import { spent } from '../../domain/spending.ts'
import type { Block } from '../../domain/transaction.ts'
import { dropping, workOf } from './drop-work.ts'
import { giveBack } from './engine-lease.ts'
import type { LaneWorld } from './lane-world.ts'
import type { LaneLook } from './look.ts'
import { claimedState, moveIntents } from './move-intents.ts'
import { isHeld } from './prove-lane.ts'
import { toldBy } from './told-prices.ts'

/**
 * The lane after a look at the chain. What the chain did with a transaction is told to its intents before it leaves the
 * lane, so a crash in between only repeats this.
 */
export async function followLane(world: LaneWorld, lane: Lane, { sight }: LaneLook): Promise<Lane> {
  const kept: LaneTransaction[] = []
  const lost: DroppedWork[] = []
  const done: LaneTransaction[] = []
  const unproven: LaneTransaction[] = []
  for (const transaction of lane.inFlight) {
    const followed = follow(transaction, sight)
    const isIn = followed.transaction.state === 'included'
    if ((isIn && transaction.state !== 'included') || followed.kind === 'lost')
      await giveBack(world, transaction.lease)
    switch (followed.kind) {
      case 'open':
        kept.push(followed.transaction)
        await tellOpen(world, transaction, followed.transaction)
        break
      case 'final':
        if (cameToNothing(followed.transaction))
          lost.push(...(await ofNothing(world, followed.transaction)))
        else if (await isHeld(world, followed.transaction))
          await tellOpen(world, transaction, followed.transaction)
        else if (!(await settle(world, followed.transaction))) {
          kept.push(followed.transaction)
          break
        }
        if (world.chain.fates && !cameToNothing(followed.transaction))
          unproven.push(lightened(followed.transaction))
        done.push(followed.transaction)
        break
      case 'lost':
        lost.push(...workOf(transaction, { why: 'superseded', reason: takenBy(transaction) }))
        break
    }
  }
  const same =
    kept.length === lane.inFlight.length && kept.every((one, at) => one === lane.inFlight[at])
  if (same) return lane
  const newest = settledIn(lane, done.flatMap(blockOf))
  const spending = done.reduce(
    (sum, { landed }) => (landed ? spent(sum, landed.feePaid, sight.now) : sum),
    lane.spending,
  )
  return dropping(
    {
      ...lane,
      inFlight: kept,
      ...(newest === undefined ? {} : { settledIn: newest }),
      ...(spending === undefined ? {} : { spending }),
      ...(await toldBy(world, lane, done)),
      ...(unproven.length > 0 && { unproven: [...(lane.unproven ?? []), ...unproven] }),
    },
    lost,
  )
}

/** Its nonce was used by the attempt that does nothing. */
function cameToNothing({ attempts, landed }: LaneTransaction): boolean {
  return attempts.some(({ hash, nothing }) => nothing === true && hash === landed?.hash)
}

/** That its nonce was used for nothing cost something too. */
async function ofNothing(
  world: LaneWorld,
  transaction: LaneTransaction,
): Promise<readonly DroppedWork[]> {
  const { refusal, nonce } = transaction
  const found = await inclusionOf(world, transaction)
  const late = `it was in no block in time, and nonce ${nonce} was used for nothing`
  return workOf(transaction, {
    ...(refusal === undefined
      ? { why: 'expired', reason: late }
      : { why: 'refused', reason: refusal }),
    ...(found && { inclusion: withoutRevert(found) }),
  })
}

function blockOf({ block }: LaneTransaction): readonly Block[] {
  return block === undefined ? [] : [block]
}

function takenBy({ nonce }: LaneTransaction): string {
  return `nonce ${nonce} was used by a transaction that is not ours`
}

async function tellOpen(
  world: LaneWorld,
  before: LaneTransaction,
  after: LaneTransaction,
): Promise<void> {
  if (before === after) return
  if (after.state !== 'included') {
    const state = before.state === 'included' ? claimedState(after) : undefined
    if (state) await moveIntents(world, after, state)
    return
  }
  if (cameToNothing(after)) return
  const inclusion = await inclusionOf(world, after)
  if (inclusion) await moveIntents(world, after, { kind: 'included', ...inclusion })
}

/** False where the node does not show it any more: the next look decides. */
export async function settle(world: LaneWorld, transaction: LaneTransaction): Promise<boolean> {
  const inclusion = await inclusionOf(world, transaction)
  if (!inclusion) return false
  const { reverted, ...rest } = inclusion
  const { left } = rest
  await moveIntents(
    world,
    transaction,
    reverted === undefined
      ? { kind: 'settled', ...rest }
      : {
          kind: 'failed',
          why: 'reverted',
          reason: reverted,
          hash: rest.hash,
          ...(left && { left }),
          inclusion: rest,
        },
  )
  return true
}

function withoutRevert({ reverted: _reverted, ...inclusion }: Landed): Inclusion {
  return inclusion
}

type Landed = Inclusion & { readonly reverted: string | undefined }

/** Which attempt is in the block, and how it went; the lane's row does not keep the words of a revert. */
export async function inclusionOf(
  world: LaneWorld,
  transaction: LaneTransaction,
): Promise<Landed | undefined> {
  const { block, seenAt, nonce, attempts, outcome, left } = transaction
  if (block === undefined || seenAt === undefined) return undefined
  const landed = transaction.landed ?? (await landedAttempt(world, transaction))
  if (!landed) return undefined
  const { hash, feePaid } = landed
  const reverted = outcome === 'reverted' ? await reasonOf(world, hash) : undefined
  const sentAt = attempts.find((attempt) => attempt.sentAt !== undefined)?.sentAt
  const signed = { attempts: attempts.length, ...firstSigned(attempts) }
  return { nonce, hash, ...signed, sentAt, block, seenAt, feePaid, reverted, ...(left && { left }) }
}

function firstSigned([first]: readonly LaneAttempt[]) {
  return first && { signedAt: first.signedAt }
}

/** For rows of a version that did not keep it. */
async function landedAttempt(world: LaneWorld, { attempts }: LaneTransaction) {
  for (const { hash } of attempts) {
    const status = await world.chain.status(hash)
    if (status.kind === 'included') return { hash, feePaid: status.feePaid }
  }
  return undefined
}

async function reasonOf(world: LaneWorld, hash: `0x${string}`): Promise<string> {
  const status = await world.chain.status(hash)
  return (status.kind === 'included' ? status.reason : undefined) ?? 'the chain gives no reason'
}
