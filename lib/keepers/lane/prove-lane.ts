import type { Lane, LaneTransaction } from '../../domain/lane.ts'
import type { Fate } from '../../domain/transaction.ts'
import { messageOf } from '../message-of.ts'
import type { LaneWorld } from './lane-world.ts'
import { moveIntents } from './move-intents.ts'
import { untoldBy } from './told-prices.ts'

/** A row must not outgrow the store: what is older counts as done, as where batches are not followed. */
const mostUnproven = 200

/**
 * Whether a transaction's work is done only with a batch. Prices are renewed every few seconds: they are settled with the
 * gateway's word, and what its batches make of them is only told.
 */
export async function isHeld(world: LaneWorld, { intents }: LaneTransaction): Promise<boolean> {
  if (!world.chain.fates) return false
  const found = await Promise.all(intents.map(async (id) => world.store.intents.get(id)))
  return found.some((intent) => intent && intent.action.kind !== 'push-prices')
}

export type Endings = {
  readonly settle: (transaction: LaneTransaction) => Promise<boolean>
  readonly inclusionOf: (
    transaction: LaneTransaction,
  ) => Promise<{ readonly hash: `0x${string}`; readonly reverted: string | undefined } | undefined>
}

/**
 * The lane without the transactions of which its exchange's batches tell: what is in one is done, and what was replaced or
 * left out never was, whatever the gateway said. Undefined where nothing is new.
 */
export async function provenLane(
  world: LaneWorld,
  lane: Lane,
  { settle, inclusionOf }: Endings,
): Promise<Lane | undefined> {
  const { unproven = [], ...rest } = lane
  if (unproven.length === 0) return undefined
  const fates = await fatesOf(world, unproven)
  const undone: LaneTransaction[] = []
  const left: LaneTransaction[] = []
  for (const [at, transaction] of unproven.entries()) {
    const fate = fates.get(transaction.nonce)
    const isTooOld = unproven.length - at > mostUnproven
    if (!fate && !isTooOld) left.push(transaction)
    else if (!fate || fate.kind === 'executed') await settle(transaction)
    else {
      undone.push(transaction)
      await fail(world, transaction, { fate, found: await inclusionOf(transaction) })
    }
  }
  if (left.length === unproven.length) return undefined
  return {
    ...rest,
    ...(left.length > 0 && { unproven: left }),
    ...(undone.length > 0 && (await untoldBy(world, lane, undone))),
  }
}

/** Nothing where it cannot be known now: that is told, and keeps nobody from sending. */
async function fatesOf(
  { id, chain, clock, notify }: LaneWorld,
  unproven: readonly LaneTransaction[],
): Promise<ReadonlyMap<number, Fate>> {
  if (!chain.fates) return new Map()
  try {
    return await chain.fates(unproven.map(({ nonce }) => nonce))
  } catch (error) {
    notify({ kind: 'trouble', at: clock.now(), where: `lane ${id}`, message: messageOf(error) })
    return new Map()
  }
}

async function fail(
  world: LaneWorld,
  transaction: LaneTransaction,
  {
    fate,
    found,
  }: {
    readonly fate: Exclude<Fate, { kind: 'executed' }>
    readonly found: Awaited<ReturnType<Endings['inclusionOf']>>
  },
): Promise<void> {
  const reason = wordsOf(transaction, fate)
  const { id, clock, notify } = world
  notify({ kind: 'trouble', at: clock.now(), where: `lane ${id}`, message: reason })
  await moveIntents(world, transaction, {
    kind: 'failed',
    why: 'reverted',
    reason,
    hash: found?.hash,
  })
}

function wordsOf(
  { nonce, intents }: LaneTransaction,
  fate: Exclude<Fate, { kind: 'executed' }>,
): string {
  const what = `transaction ${nonce} (${intents.join(', ')})`
  if (fate.kind === 'dropped') return `${what} was taken, but is in no batch up to ${fate.batch}`
  const by = fate.by === 0 ? 'nothing' : `${fate.by} others`
  return `${what} was taken, but replaced by ${by} in batch ${fate.batch}`
}
