import { type Alert, type AlertOutcome, isWorse, type Severity } from './alert.ts'
import { timestamp, type Timestamp } from './time.ts'

/** The last thing a channel has certainly been told of one incident, and how the next one fares. */
export type ChannelRecord = {
  readonly told: 'nothing' | 'opened' | 'worsened' | 'resolved'
  readonly severity: Severity | undefined
  readonly at: Timestamp | undefined
  /** Tries in vain since something was last delivered. */
  readonly failures: number
  readonly nextTryAt: Timestamp | undefined
  /** A try was begun and its end is not yet recorded. */
  readonly trying: boolean
  /** A try ended without a clear answer while nothing was certainly told. */
  readonly perhaps: boolean
  /** The message that the receiver will never take. */
  readonly refused: Pick<Alert, 'state' | 'severity'> | undefined
  /** What it is owed waits for a digest, and is told there also where it is over by then. */
  readonly held?: boolean
  /** It was last told in a digest, and is told there of the end. */
  readonly digested?: boolean
  /** What the receiver calls the first message of it alone, so that what comes after can be shown with it. */
  readonly message?: string
}

export const untold: ChannelRecord = {
  told: 'nothing',
  severity: undefined,
  at: undefined,
  failures: 0,
  nextTryAt: undefined,
  trying: false,
  perhaps: false,
  refused: undefined,
}

/** Failures after which the fallback channels are told too: with the first waits of 1 s and 2 s, a few seconds. */
const deadAfterFailures = 3

/** Tries after which nobody is told any more that something is over: at five minutes each, a day. */
const maxResolveTries = 300

const firstWaitMs = 1_000
/** A receiver that comes back is told within five minutes. */
const maxWaitMs = 5 * 60_000

/** How long a begun try belongs to the worker that began it: longer than any channel's deadline. */
const tryLeaseMs = 30_000

type Owed = Exclude<Alert['state'], 'reminded'>

type Standing = {
  readonly state: 'pending' | 'open' | 'resolved'
  readonly severity: Severity
}

/** What the channel must still be told, whether it takes it now or not; undefined when it knows all. */
export function owed(incident: Standing, record: ChannelRecord): Owed | undefined {
  const state = unsaid(incident, record)
  return state && isRefused(incident, record, state) ? undefined : state
}

/** The channel does not take what it is owed: others must be told in its place. */
export function isDead(incident: Standing, record: ChannelRecord): boolean {
  const state = unsaid(incident, record)
  if (!state) return false
  return record.failures >= deadAfterFailures || isRefused(incident, record, state)
}

/** May be tried now. A wait longer than any we set comes from a clock that was wrong, and does not count. */
export function isDue(record: ChannelRecord, now: Timestamp): boolean {
  if (record.nextTryAt === undefined) return true
  const waitMs = record.nextTryAt - now
  return waitMs <= 0 || waitMs > maxWaitMs
}

/** When what is open must be said again; undefined where there is nothing to repeat. */
export function reminderAt(record: ChannelRecord, remindMs: number): Timestamp | undefined {
  const { told, at, refused } = record
  if (at === undefined || (told !== 'opened' && told !== 'worsened')) return undefined
  return refused?.state === 'reminded' ? undefined : timestamp(at + remindMs)
}

/** The record of what waits for a digest; the same where that is known. */
export function heldBack(record: ChannelRecord): ChannelRecord {
  return record.held ? record : { ...record, held: true }
}

/** The record while a try is under way; what an unrecorded earlier try did stays open. */
export function tryBegun(record: ChannelRecord, now: Timestamp): ChannelRecord {
  return {
    ...record,
    trying: true,
    perhaps: record.perhaps || record.trying,
    nextTryAt: timestamp(now + tryLeaseMs),
  }
}

export function tryEnded(
  record: ChannelRecord,
  alert: Alert,
  {
    outcome,
    now,
    digested = false,
  }: {
    readonly outcome: AlertOutcome
    readonly now: Timestamp
    /** Whether it was one of many in a message. */
    readonly digested?: boolean | undefined
  },
): ChannelRecord {
  switch (outcome.kind) {
    case 'delivered':
      return {
        ...delivered(record, alert, now),
        ...firstMessage(record.message ?? outcome.message),
        ...(digested ? { digested } : {}),
      }
    case 'refused':
      return {
        ...record,
        trying: false,
        nextTryAt: undefined,
        refused: { state: alert.state, severity: alert.severity },
      }
    case 'failed':
      return failed(record, now, outcome.retryAfterMs)
    case 'unsure':
      return { ...failed(record, now, undefined), perhaps: true }
  }
}

function unsaid(incident: Standing, record: ChannelRecord): Owed | undefined {
  const heard = record.told !== 'nothing'
  switch (incident.state) {
    case 'pending':
      return undefined
    case 'open':
      if (!heard) return 'opened'
      return record.severity && isWorse(incident.severity, record.severity) ? 'worsened' : undefined
    case 'resolved':
      if (record.told === 'resolved' || record.failures >= maxResolveTries) return undefined
      return heard || record.perhaps || record.trying || record.held ? 'resolved' : undefined
  }
}

function isRefused(incident: Standing, record: ChannelRecord, state: Owed): boolean {
  return record.refused?.state === state && record.refused.severity === incident.severity
}

const order = { nothing: 0, opened: 1, reminded: 1, worsened: 2, resolved: 3 } as const

/** An answer that comes late never takes back what was told since. */
function delivered(record: ChannelRecord, alert: Alert, now: Timestamp): ChannelRecord {
  const clear = { ...untold, told: record.told, severity: record.severity, at: record.at }
  const late =
    order[alert.state] < order[record.told] ||
    (record.severity !== undefined && isWorse(record.severity, alert.severity))
  if (late) return { ...clear, ...(record.digested ? { digested: true } : {}) }
  const told = alert.state === 'reminded' ? record.told : alert.state
  return { ...clear, told, severity: alert.severity, at: now }
}

function firstMessage(message: string | undefined): Pick<ChannelRecord, 'message'> {
  return message === undefined ? {} : { message }
}

function failed(
  record: ChannelRecord,
  now: Timestamp,
  retryAfterMs: number | undefined,
): ChannelRecord {
  const failures = record.failures + 1
  // Beyond ten doublings the cap holds anyway.
  const backOffMs = firstWaitMs * 2 ** Math.min(failures - 1, 10)
  const waitMs = Math.min(Math.max(backOffMs, retryAfterMs ?? 0), maxWaitMs)
  return { ...record, failures, trying: false, nextTryAt: timestamp(now + waitMs) }
}
