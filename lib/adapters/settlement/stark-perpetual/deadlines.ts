import type { PerpetualOutput } from './program-output.ts'

/** How old a batch's system time may be (UpdatePerpetualState: more than now − 7 days). */
const oldestSeconds = 604_800n
/** How far it may be ahead (less than now + 4 hours). */
const newestSeconds = 14_400n
const hourSeconds = 3_600n

/** When a block of L1 takes a batch, in unix seconds. */
export type SettlementWindow = {
  /** The first second. */
  readonly opensAt: bigint
  /** The first second that is too late. */
  readonly closesAt: bigint
  /** What makes it too late. */
  readonly closedBy: 'system-time' | 'expiration'
}

/** The window of a batch; it never opens where it closes before. Leave room: what counts is the block's time, not the sending's. */
export function settlementWindow({
  next: { systemTime },
  expirationHour,
}: Pick<PerpetualOutput, 'next' | 'expirationHour'>): SettlementWindow {
  const outdated = systemTime + oldestSeconds
  // The hour itself is over where another request's would still count.
  const expired = expirationHour * hourSeconds
  const opensAt = systemTime < newestSeconds ? 0n : systemTime - newestSeconds + 1n
  return expired <= outdated
    ? { opensAt, closesAt: expired, closedBy: 'expiration' }
    : { opensAt, closesAt: outdated, closedBy: 'system-time' }
}

/** Whether a block of that time takes it. */
export function isWithin({ opensAt, closesAt }: SettlementWindow, blockTime: bigint): boolean {
  return opensAt <= blockTime && blockTime < closesAt
}

/** How long a forced request may wait. */
const graceSeconds = 604_800n
/** How long a frozen exchange stays so. */
const freezeSeconds = 31_536_000n
/** How long a cancelled deposit may still be taken in. */
const cancelSeconds = 172_800n

/** From that second on anyone may freeze the exchange by a request that is not served; it may still be served until somebody does. */
export function freezableFrom(requestedAt: bigint): bigint {
  return requestedAt + graceSeconds
}

/** From that second on a governor may end a freeze. */
export function thawableFrom(frozenAt: bigint): bigint {
  return frozenAt + freezeSeconds
}

/** From that second on a cancelled deposit may be gone, and with it every batch that takes it in. */
export function reclaimableFrom(cancelledAt: bigint): bigint {
  return cancelledAt + cancelSeconds
}

/** The last second at which party B's consent to a forced trade counts: here the hour itself is still in. */
export function lastSecondOfConsent(lastHour: bigint): bigint {
  return (lastHour + 1n) * hourSeconds - 1n
}
