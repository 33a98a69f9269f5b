import type { Severity } from './alert.ts'
import type { Finding } from './incident.ts'
import { timestamp, type Timestamp } from './time.ts'

/** Of so many slots in a row that were not kept nobody can say any more what a job went by. */
const pageSlots = 10

/** Slots of a job were done, and what it saw and decided in them was not kept: they cannot be decided again. */
export function historyMissing(look: {
  readonly job: string
  readonly subject: string
  /** Of so many of its last slots. */
  readonly looked: number
  /** Those that were done and not kept, newest first, and when each was done. */
  readonly missing: readonly { readonly slot: number; readonly at: Timestamp }[]
}): Finding | undefined {
  const { job, subject, looked, missing } = look
  const [newest] = missing
  const oldest = missing.at(-1)
  if (!newest || !oldest) return undefined
  const severity: Severity = missing.length >= pageSlots ? 'critical' : 'warning'
  return {
    rule: 'history-missing',
    subject: `${job}:${subject}`,
    severity,
    summary: `${job} of ${subject} was done, but ${missing.length} of its last ${looked} slots were not kept; the newest of them is ${newest.slot}`,
    since: oldest.at,
    afterMs: 0,
  }
}

/** Past so many times the limit a good part of the month is over after which rows go that no file holds. */
const pageTimes = 24

/** What was kept is not packed, although its hour is long over. */
export function historyUnpacked(look: {
  readonly job: string
  readonly subject: string
  /** When the oldest slot was decided that is in no file. */
  readonly oldestAt: Timestamp
  readonly now: Timestamp
  readonly limitMs: number
}): Finding | undefined {
  const { job, subject, oldestAt, now, limitMs } = look
  const ageMs = now - oldestAt
  if (ageMs <= limitMs) return undefined
  const hours = Math.floor(ageMs / (60 * 60_000))
  return {
    rule: 'history-unpacked',
    subject: `${job}:${subject}`,
    severity: ageMs > pageTimes * limitMs ? 'critical' : 'warning',
    summary: `what ${job} of ${subject} saw and decided since ${new Date(oldestAt).toISOString()} is in no file yet, for ${hours} h`,
    since: timestamp(oldestAt + limitMs),
    afterMs: 0,
  }
}
