import type { Timestamp } from './time.ts'

/** Who alone may do something for a while. */
export type Lease = {
  readonly name: string
  /** Undefined once it was given back. */
  readonly owner: string | undefined
  readonly until: Timestamp
  /** Grows by one with each new owner and never falls: who acts under a lower one has lost it. */
  readonly fence: number
}

export type LeaseWish = {
  readonly name: string
  readonly owner: string
  readonly now: Timestamp
  readonly until: Timestamp
}

/** Two machines' clocks differ by less: a lease is taken over only when its owner too must think it over. */
const skewMs = 2_000

/** The lease as its owner renews it or another takes it over; undefined where it is somebody else's yet. */
export function granted(before: Lease | undefined, wish: LeaseWish): Lease | undefined {
  const { name, owner, now, until } = wish
  if (!before) return { name, owner, until, fence: 1 }
  if (before.owner === owner)
    return before.until >= until ? before : { name, owner, until, fence: before.fence }
  if (before.owner !== undefined && before.until + skewMs > now) return undefined
  return { name, owner, until, fence: before.fence + 1 }
}
