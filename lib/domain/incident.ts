import type { Severity } from './alert.ts'
import type { Timestamp } from './time.ts'

/** Something found wrong just now. Two findings with one rule and subject are the same incident. */
export type Finding = {
  /** `price-late`, `venue-frozen`, `no-price`, `chain-stalled`, … */
  readonly rule: string
  readonly subject: string
  readonly severity: Severity
  readonly summary: string
  /** Since when it has been so, as far as can be known. */
  readonly since: Timestamp
  /** How long it must last before anybody is told. */
  readonly afterMs: number
}

/** An alert from first sight to resolved, and what each channel was told. Itself the outbox of its messages. */
export type Incident = {
  readonly rule: string
  readonly subject: string
  /** Names this occurrence: rule, subject and the time it was first seen. */
  readonly key: string
  readonly state: 'pending' | 'open' | 'resolved'
  readonly severity: Severity
  readonly summary: string
  readonly since: Timestamp
  readonly openedAt: Timestamp | undefined
  readonly resolvedAt: Timestamp | undefined
  readonly channels: Readonly<Record<string, ChannelRecord>>
  /** Grows by one with every write. */
  readonly version: number
}

/** The last thing a channel has certainly been told, and how often the next one was tried in vain. */
export type ChannelRecord = {
  readonly told: 'nothing' | 'opened' | 'worsened' | 'resolved'
  readonly severity: Severity | undefined
  readonly at: Timestamp | undefined
  readonly failures: number
  readonly nextTryAt: Timestamp | undefined
}
