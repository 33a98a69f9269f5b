import type { Lane, LaneTransaction } from '../../domain/lane.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { LaneWorld, LeaseToHold } from './lane-world.ts'

type LeaseHeld =
  | { readonly kind: 'alone' }
  | { readonly kind: 'held'; readonly lease: NonNullable<LaneTransaction['lease']> }
  | { readonly kind: 'taken' }

/** Longer than it takes to try, sign and store work; a worker that ends meanwhile holds all others up for so long. */
const prepareMs = 15_000

/**
 * The right to send for an engine with one nonce for all its operators, where several lanes do. It is enough to prepare
 * work; before that is sent it is held for as long as the work may be.
 */
export async function holdEngine(world: LaneWorld, engine: string): Promise<LeaseHeld> {
  const wanted = world.leaseOf?.(engine)
  if (!wanted) return { kind: 'alone' }
  const until = timestamp(world.clock.now() + prepareMs)
  const fence = await hold(world, wanted, until)
  return fence === undefined ? { kind: 'taken' } : { kind: 'held', lease: { ...wanted, fence } }
}

/**
 * Whether this transaction may still be sent: nobody else has had the engine since it was signed. Past its deadline the
 * lane itself sends only what does nothing.
 */
export async function holdsStill(
  world: LaneWorld,
  { lease, deadline }: LaneTransaction,
): Promise<boolean> {
  if (!lease || deadline === undefined) return true
  const fence = await hold(world, lease, timestamp(deadline + world.policy.replaceAfterMs))
  if (fence === lease.fence) return true
  // It was free, for the work is in a block by now, and whoever asks takes it.
  if (fence !== undefined) await giveBack(world, { ...lease, fence })
  return false
}

export async function giveBack(
  { store }: LaneWorld,
  lease: LaneTransaction['lease'],
): Promise<void> {
  if (lease) await store.leases.release(lease.name, lease.fence)
}

/** Gives back what was held for work that is not in the stored row, since that was another one by now. */
export async function giveBackUnstored(
  world: LaneWorld,
  { inFlight: meant }: Lane,
  { inFlight: stored }: Lane,
): Promise<void> {
  const isStored = ({ lease }: LaneTransaction) =>
    stored.some((one) => one.lease?.holder === lease?.holder)
  for (const transaction of meant)
    if (transaction.lease && !isStored(transaction)) await giveBack(world, transaction.lease)
}

async function hold(
  { store, clock }: LaneWorld,
  { name, holder }: LeaseToHold,
  until: Timestamp,
): Promise<number | undefined> {
  return store.leases.hold({ name, owner: holder, now: clock.now(), until })
}
