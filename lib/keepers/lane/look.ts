import { isTooOld } from '../../domain/head-age.ts'
import {
  blocksToAsk,
  doubtedBlocks,
  hashesToAsk,
  isBehind,
  type LaneSight,
} from '../../domain/lane-follow.ts'
import type { Lane } from '../../domain/lane.ts'
import type { LaneWorld } from './lane-world.ts'

export type LaneLook = {
  readonly sight: LaneSight
  readonly nonce: { readonly latest: number; readonly pending: number }
}

/** Asks the chain where everything of the lane stands; undefined where the node that answered is behind and cannot know. */
export async function look(world: LaneWorld, lane: Lane): Promise<LaneLook | undefined> {
  const { chain, account, clock, policy } = world
  const { finalityBlocks } = chain
  const [head, nonce] = await Promise.all([chain.head(), chain.nonce(account)])
  if (isBehind(lane, { head, now: clock.now(), policy })) return undefined
  // After the head: a block that still stands then has all of that head's blocks above it, or had them.
  const blocks = blocksToAsk(lane, { head, finalityBlocks })
  const asked = await Promise.all(
    blocks.map(async (block) => ({ block, now: await chain.block(block.number) })),
  )
  const doubted = doubtedBlocks(lane, asked)
  const hashes = hashesToAsk(lane, doubted)
  const kept = new Map(
    lane.inFlight.flatMap(({ attempts }) => attempts.map(({ hash, bytes }) => [hash, bytes])),
  )
  const statuses = await Promise.all(
    hashes.map(async (hash) => [hash, await chain.status(hash, kept.get(hash))] as const),
  )
  const now = clock.now()
  return {
    nonce,
    sight: {
      now,
      head,
      finalityBlocks,
      latestNonce: nonce.latest,
      statuses: new Map(statuses),
      doubted,
      stalled: isTooOld(head, { now, blockSeconds: chain.blockSeconds }),
      policy,
    },
  }
}
