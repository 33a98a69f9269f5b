import { follow, settledIn } from '../../domain/lane-follow.ts'
import type { DroppedWork, Lane, LaneTransaction } from '../../domain/lane.ts'
import type { Block } from '../../domain/transaction.ts'
import { dropping, workOf } from './drop-work.ts'
import type { LaneWorld } from './lane-world.ts'
import type { LaneLook } from './look.ts'
import { claimedState, moveIntents } from './move-intents.ts'

/**
 * The lane after a look at the chain. What the chain did with a transaction is told to its intents before it leaves the
 * lane, so a crash in between only repeats this.
 */
export async function followLane(world: LaneWorld, lane: Lane, { sight }: LaneLook): Promise<Lane> {
  const kept: LaneTransaction[] = []
  const lost: DroppedWork[] = []
  const done: Block[] = []
  for (const transaction of lane.inFlight) {
    const followed = follow(transaction, sight)
    switch (followed.kind) {
      case 'open':
        kept.push(followed.transaction)
        await tellOpen(world, transaction, followed.transaction)
        break
      case 'final':
        if (await settle(world, followed.transaction)) done.push(...blockOf(followed.transaction))
        else kept.push(followed.transaction)
        break
      case 'lost':
        lost.push(...workOf(transaction, { why: 'superseded', reason: takenBy(transaction) }))
        break
    }
  }
  const same =
    kept.length === lane.inFlight.length && kept.every((one, at) => one === lane.inFlight[at])
  if (same) return lane
  const newest = settledIn(lane, done)
  return dropping(
    { ...lane, inFlight: kept, ...(newest === undefined ? {} : { settledIn: newest }) },
    lost,
  )
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
  const inclusion = await inclusionOf(world, after)
  if (inclusion) await moveIntents(world, after, { kind: 'included', ...inclusion })
}

/** False where the node does not show it any more: the next look decides. */
async function settle(world: LaneWorld, transaction: LaneTransaction): Promise<boolean> {
  const inclusion = await inclusionOf(world, transaction)
  if (!inclusion) return false
  const { reverted, ...rest } = inclusion
  await moveIntents(
    world,
    transaction,
    reverted === undefined
      ? { kind: 'settled', ...rest }
      : { kind: 'failed', why: 'reverted', reason: reverted, hash: rest.hash },
  )
  return true
}

/** Which attempt is in the block, and how it went; the lane's row does not keep the words of a revert. */
async function inclusionOf(world: LaneWorld, transaction: LaneTransaction) {
  const { block, seenAt, nonce, attempts, outcome } = transaction
  if (block === undefined || seenAt === undefined) return undefined
  const landed = attempts.length === 1 ? attempts[0] : await landedAttempt(world, transaction)
  if (!landed) return undefined
  const reverted = outcome === 'reverted' ? await reasonOf(world, landed.hash) : undefined
  const sentAt = attempts.find((attempt) => attempt.sentAt !== undefined)?.sentAt
  return { nonce, hash: landed.hash, sentAt, block, seenAt, reverted }
}

async function landedAttempt(world: LaneWorld, { attempts }: LaneTransaction) {
  for (const attempt of attempts) {
    const status = await world.chain.status(attempt.hash)
    if (status.kind === 'included') return attempt
  }
  return undefined
}

async function reasonOf(world: LaneWorld, hash: `0x${string}`): Promise<string> {
  const status = await world.chain.status(hash)
  return (status.kind === 'included' ? status.reason : undefined) ?? 'the chain gives no reason'
}
