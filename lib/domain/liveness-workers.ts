import type { Finding } from './incident.ts'
import { timestamp, type Timestamp } from './time.ts'

/** A transaction is out for longer than it may be: whatever waits behind it in the lane waits too. */
export function transactionStuck(look: {
  /** The lane: chain and account. */
  readonly lane: string
  readonly nonce: number
  readonly sentAt: Timestamp
  readonly now: Timestamp
  readonly maxMs: number
}): Finding | undefined {
  const { lane, nonce, sentAt, now, maxMs } = look
  if (now - sentAt <= maxMs) return undefined
  return {
    rule: 'transaction-stuck',
    subject: lane,
    severity: now - sentAt > 3 * maxMs ? 'critical' : 'warning',
    summary: `${lane}: the transaction with nonce ${nonce} is in no block yet`,
    since: timestamp(sentAt + maxMs),
    afterMs: 0,
  }
}

/** A transaction cannot land any more: somebody else's has its nonce. The lane gives it up once that block cannot be taken back. */
export function nonceTaken(look: {
  /** The lane: chain and account. */
  readonly lane: string
  readonly nonce: number
  readonly since: Timestamp
}): Finding {
  const { lane, nonce, since } = look
  return {
    rule: 'nonce-taken',
    subject: lane,
    severity: 'warning',
    summary: `${lane}: nonce ${nonce} was used by a transaction that is not ours, so somebody else sends from this account`,
    since,
    // A node that has not got our transaction's block yet looks the same for some seconds.
    afterMs: 30_000,
  }
}

/** The store does not answer this worker. */
export function storeUnavailable(look: {
  readonly store: string
  readonly reason: string
  readonly now: Timestamp
}): Finding {
  return {
    rule: 'store-unavailable',
    subject: look.store,
    severity: 'critical',
    summary: `the store does not answer: ${look.reason}`,
    since: look.now,
    // Throttling and fail-over of a managed table end within seconds.
    afterMs: 15_000,
  }
}

/** No slot of the job was claimed for `slots` slots: the planner is not planning, or nothing wakes the workers. */
export function plannerSilent(look: {
  readonly job: string
  /** The newest claimed slot's time; undefined where none was ever claimed. */
  readonly lastSlotAt: Timestamp | undefined
  readonly now: Timestamp
  readonly everySeconds: number
  readonly slots: number
}): Finding | undefined {
  const { job, lastSlotAt, now, everySeconds, slots } = look
  const limitMs = everySeconds * 1000 * slots
  const at = { rule: 'planner-silent', subject: job, severity: 'critical' } as const
  if (lastSlotAt === undefined)
    return { ...at, summary: `${job} has never run`, since: now, afterMs: limitMs }
  if (now - lastSlotAt <= limitMs) return undefined
  return {
    ...at,
    summary: `${job} has missed more than ${slots} slots of ${everySeconds} s`,
    since: timestamp(lastSlotAt + everySeconds * 1000),
    afterMs: 0,
  }
}

/** An oracle node published nothing for `rounds` rounds. Critical where the others are too few for the quorum. */
export function oracleMissing(look: {
  readonly node: string
  /** The newest round that it published in; undefined where there is none. */
  readonly lastRound: number | undefined
  /** The newest round of anybody, and when it was. */
  readonly newestRound: number
  readonly now: Timestamp
  readonly roundSeconds: number
  readonly rounds: number
  readonly othersPresent: number
  readonly quorum: number
}): Finding | undefined {
  const { node, lastRound, newestRound, now, roundSeconds, rounds, othersPresent, quorum } = look
  const missed = lastRound === undefined ? undefined : newestRound - lastRound
  if (missed !== undefined && missed <= rounds) return undefined
  return {
    rule: 'oracle-missing',
    subject: node,
    severity: othersPresent < quorum ? 'critical' : 'warning',
    summary:
      lastRound === undefined
        ? `${node} has published no report yet; ${othersPresent} others do, ${quorum} are needed`
        : `${node} has published nothing since round ${lastRound}; ${othersPresent} others do, ${quorum} are needed`,
    since: timestamp(Math.max(0, now - (missed ?? 0) * roundSeconds * 1000)),
    afterMs: missed === undefined ? rounds * roundSeconds * 1000 : 0,
  }
}
