import type { Timestamp } from './time.ts'

export type Severity = 'info' | 'warning' | 'critical'

/** One message about one incident, as a channel delivers it. */
export type Alert = {
  /** The same for every message about one incident: channels de-duplicate and resolve by it. */
  readonly key: string
  readonly state: 'opened' | 'worsened' | 'resolved'
  readonly severity: Severity
  /** The rule's name, such as `price-late`; `infra/runbooks/<rule>.md` says what to do. */
  readonly rule: string
  readonly subject: string
  /** One sentence for a tired person. */
  readonly summary: string
  readonly network: string
  readonly since: Timestamp
  readonly at: Timestamp
}
