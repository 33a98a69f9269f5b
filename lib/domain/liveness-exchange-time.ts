import type { Finding } from './incident.ts'
import { mostTimeAge } from './margin/interest.ts'
import { timestamp, type Timestamp } from './time.ts'

const limitMs = Number(mostTimeAge) * 1_000

/** Whoever keeps it brings it forward before that: `exchangeTimeShare` is never more. */
const warnMs = limitMs / 2

/** An exchange's own time was not brought forward for more than half a day; critical once it takes no interest any more. */
export function exchangeTimeLate(look: {
  readonly engine: string
  /** The block's time of its last update. */
  readonly updatedAt: Timestamp
  readonly now: Timestamp
}): Finding | undefined {
  const { engine, updatedAt, now } = look
  const ageMs = now - updatedAt
  if (ageMs <= warnMs) return undefined
  const when = `${new Date(updatedAt).toISOString().slice(0, 19).replace('T', ' ')} UTC`
  return {
    rule: 'exchange-time-late',
    subject: engine,
    severity: ageMs > limitMs ? 'critical' : 'warning',
    summary: `the time of ${engine} was brought forward last at ${when}; after a day it takes no interest`,
    since: timestamp(updatedAt + warnMs),
    afterMs: 0,
  }
}
