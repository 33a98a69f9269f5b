import type { LaneTransaction } from '../../domain/lane.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { LaneWorld } from './lane-world.ts'

type LeaseHeld =
  | { readonly kind: 'alone' }
  | { readonly kind: 'held'; readonly lease: NonNullable<LaneTransaction['lease']> }
  | { readonly kind: 'taken' }

/**
 * The right to send for an engine with one nonce for all its operators, where several lanes do. It lasts as long as the
 * work may be sent: past its deadline the lane itself sends only what does nothing.
 */
export async function holdEngine(
  world: LaneWorld,
  engine: string,
  deadline: Timestamp,
): Promise<LeaseHeld> {
  const name = world.leaseOf?.(engine)
  if (name === undefined) return { kind: 'alone' }
  const fence = await hold(world, name, deadline)
  return fence === undefined ? { kind: 'taken' } : { kind: 'held', lease: { name, fence } }
}

/** Whether this transaction may still be sent: nobody else has had the engine since it was signed. */
export async function holdsStill(
  world: LaneWorld,
  { lease, deadline }: LaneTransaction,
): Promise<boolean> {
  if (!lease || deadline === undefined) return true
  const fence = await hold(world, lease.name, deadline)
  if (fence === lease.fence) return true
  // It was free, for the work is in a block by now, and whoever asks takes it.
  if (fence !== undefined) await giveBackUnused(world, { name: lease.name, fence })
  return false
}

export async function giveBack(
  { store }: LaneWorld,
  lease: LaneTransaction['lease'],
): Promise<void> {
  if (lease) await store.leases.release(lease.name, lease.fence)
}

/**
 * Gives back what nothing was signed under. Another worker of this lane has the engine under the same fence, and may have
 * stored work meanwhile; one that stores it later finds before it sends that the fence is another one.
 */
export async function giveBackUnused(
  world: LaneWorld,
  lease: LaneTransaction['lease'],
): Promise<void> {
  if (!lease) return
  const lane = await world.store.lanes.read(world.id)
  const isUsed = lane?.inFlight.some(
    (one) => one.lease?.fence === lease.fence && one.lease.name === lease.name,
  )
  if (!isUsed) await giveBack(world, lease)
}

async function hold(world: LaneWorld, name: string, deadline: Timestamp) {
  const until = timestamp(deadline + world.policy.replaceAfterMs)
  return world.store.leases.hold({ name, owner: world.id, now: world.clock.now(), until })
}
