import type { Lane } from '../../domain/lane.ts'
import type { LaneWorld } from './lane-world.ts'

/** How often it is tried to pay although nobody has sent any money: fees fall, too. */
const retryMs = 30_000

/** Whether the lane has to wait for money. It costs one question, and no attempt of any work. */
export async function isBroke(world: LaneWorld, { noFunds }: Lane): Promise<boolean> {
  if (!noFunds || world.clock.now() - noFunds.triedAt >= retryMs) return false
  return (await world.chain.balance(world.account)) < noFunds.need
}

export function withoutFunds(world: LaneWorld, lane: Lane, need: bigint): Lane {
  const now = world.clock.now()
  return { ...lane, noFunds: { since: lane.noFunds?.since ?? now, triedAt: now, need } }
}

export function withFunds({ noFunds: _none, ...lane }: Lane): Lane {
  return lane
}

/** The lane that can pay again, where it could not; undefined where nothing has changed. */
export async function recovered(world: LaneWorld, lane: Lane): Promise<Lane | undefined> {
  if (!lane.noFunds) return undefined
  const balance = await world.chain.balance(world.account)
  return balance >= lane.noFunds.need ? withFunds(lane) : undefined
}
