import type { Timestamp } from './time.ts'

export type Severity = 'info' | 'warning' | 'critical'

const rank: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 }

export function isWorse(one: Severity, other: Severity): boolean {
  return rank[one] > rank[other]
}

/** One message about one incident, as a channel delivers it. */
export type Alert = {
  /** The same for every message about one incident: channels de-duplicate and resolve by it. */
  readonly key: string
  /** `reminded`: told before, still open and nobody's. */
  readonly state: 'opened' | 'worsened' | 'reminded' | 'resolved'
  readonly severity: Severity
  /** The rule's name, such as `price-late`; `infra/runbooks/<rule>.md` says what to do. */
  readonly rule: string
  readonly subject: string
  /** One sentence for a tired person. */
  readonly summary: string
  readonly network: string
  readonly since: Timestamp
  readonly at: Timestamp
  /** What the receiver called the message that this channel told of it first; absent where it has told none, or gave it no name. */
  readonly after?: string
}

/** How one try to deliver an alert ended. */
export type AlertOutcome =
  /** `message`: what the receiver calls it, where it said so. */
  | { readonly kind: 'delivered'; readonly message?: string | undefined }
  /** Certainly not taken; may be next time, not before `retryAfterMs` where the receiver said so. */
  | { readonly kind: 'failed'; readonly retryAfterMs: number | undefined }
  /** No answer, or one that says neither: the receiver may have it. */
  | { readonly kind: 'unsure' }
  /** Never taken, however often it is sent. */
  | { readonly kind: 'refused' }

/** Reads what a channel threw. Whatever it is not sure of counts as perhaps taken, so that a page is never left open. */
export function outcomeOfError(error: unknown): AlertOutcome {
  if (error instanceof AlertRefusedError) return { kind: 'refused' }
  if (error instanceof AlertNotTakenError)
    return { kind: 'failed', retryAfterMs: error.retryAfterMs }
  return { kind: 'unsure' }
}

/** The receiver says that this message is wrong, or the channel closed: sending it again is no use. */
export class AlertRefusedError extends Error {
  override readonly name = 'AlertRefusedError'
  readonly channel: string

  constructor(channel: string, reason: string) {
    super(`${channel} refused the alert: ${reason}`)
    this.channel = channel
  }
}

/** The receiver certainly does not have the message, and may take it later. */
export class AlertNotTakenError extends Error {
  override readonly name = 'AlertNotTakenError'
  readonly channel: string
  readonly retryAfterMs: number | undefined

  constructor(channel: string, reason: string, retryAfterMs?: number) {
    super(`${channel} did not take the alert: ${reason}`)
    this.channel = channel
    this.retryAfterMs = retryAfterMs
  }
}
