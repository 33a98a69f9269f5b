import type { Digest } from '../../../lib/domain/alert-digest.ts'
import { AlertNotTakenError, AlertRefusedError, type Alert } from '../../../lib/domain/alert.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { AlertChannel } from '../../../lib/ports.ts'

// 2023-11-14 22:13:20 UTC, by the unix clock's definition.
export const start = timestamp(1_700_000_000_000)

export const clock = { now: () => start, sleep: () => Promise.resolve() }

export function anAlert(change: Partial<Alert> = {}): Alert {
  return {
    key: 'price-late:core:BTC-USD:1700000000000',
    state: 'opened',
    severity: 'critical',
    rule: 'price-late',
    subject: 'core:BTC-USD',
    summary: 'core was last told a price of BTC-USD long ago',
    network: 'sepolia',
    since: start,
    at: timestamp(start + 30_000),
    ...change,
  }
}

export function aDigest(): Digest {
  return {
    key: 'digest:sepolia:chat:1700000000000',
    thread: 'digest:sepolia:chat',
    state: 'opened',
    severity: 'critical',
    network: 'sepolia',
    at: start,
    open: { critical: 2, warning: 0, info: 1 },
    over: { critical: 0, warning: 54, info: 0 },
    worst: [anAlert(), anAlert({ subject: 'evm:ETH-USD', severity: 'info' })],
    more: 55,
    later: 0,
  }
}

/** What a delivery threw, told as the outbox needs it. */
export async function failureOf(channel: AlertChannel, alert = anAlert()) {
  try {
    await channel.deliver(alert)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if (error instanceof AlertRefusedError) return { kind: 'refused', error }
    if (error instanceof AlertNotTakenError)
      return { kind: 'not taken', error, retryAfterMs: error.retryAfterMs }
    return { kind: 'unsure', error }
  }
  return { kind: 'delivered' }
}

/** All that an error shows to whoever prints it, with its causes and fields. */
export function shown(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const fields = JSON.stringify(Object.fromEntries(Object.entries(error)))
  return [String(error), error.stack, fields, error.cause && shown(error.cause)].join('\n')
}
