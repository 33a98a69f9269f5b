import type { Finding } from './incident.ts'
import type { Apart } from './positions/reading.ts'
import type { Timestamp } from './time.ts'

/** More than one of a hundred wrong accounts is no slip of one event. */
const pageShare = 100

/** Of hundreds of accounts a summary tells the first ones. */
const told = 3

/** The contract cannot be asked about an exchange's accounts: they are what events say, and nobody knows whether that is right. */
export function positionsUnchecked(look: {
  readonly engine: string
  readonly reason: string
  readonly since: Timestamp
}): Finding {
  const { engine, reason, since } = look
  return {
    rule: 'positions-unchecked',
    subject: engine,
    severity: 'warning',
    summary: `the contract of ${engine} cannot be asked about its accounts: ${reason}`,
    since,
    // Nodes that fail are tried again, and events are right as a rule.
    afterMs: 300_000,
  }
}

/** Accounts of an exchange were not as its contract has them, or one of their events was not as it must be. */
export function positionsApart(look: {
  readonly engine: string
  /** How many there were lately, and the first of them. */
  readonly count: number
  readonly first: readonly Apart[]
  /** How many accounts were compared in that time. */
  readonly compared: number
  readonly since: Timestamp
}): Finding | undefined {
  const { engine, count, first, compared, since } = look
  if (count === 0) return undefined
  const details = first.slice(0, told).map(({ of, detail }) => `${of}: ${detail}`)
  const more = count > details.length ? [`and ${count - details.length} more`] : []
  return {
    rule: 'positions-apart',
    subject: engine,
    severity: count * pageShare > compared ? 'critical' : 'warning',
    summary: `${count} of ${compared} accounts of ${engine} were not as its contract has them, which counts now: ${[...details, ...more].join('; ')}`,
    since,
    afterMs: 0,
  }
}
