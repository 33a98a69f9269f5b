import { type Alert, isWorse, type Severity } from './alert.ts'
import type { Timestamp } from './time.ts'

/** One message in place of many. */
export type Digest = {
  readonly key: string
  /** The same for all digests of a channel: pagers open one incident for them. */
  readonly thread: string
  /** `resolved`: nothing that this channel was told in digests is open any more. */
  readonly state: 'opened' | 'resolved'
  /** Of the worst that is open, or was. */
  readonly severity: Severity
  readonly network: string
  readonly at: Timestamp
  readonly open: Counts
  readonly over: Counts
  /** Some of them, the worst that is open first. */
  readonly worst: readonly Alert[]
  /** How many are not among `worst`. */
  readonly more: number
  /** How many that are known are told in later digests. */
  readonly later: number
}

export type Counts = Readonly<Record<Severity, number>>

/** As many as one looks through on a telephone. */
const mostLines = 10

/** `alerts` have at least one member, the worst first. */
export function digestOf(
  alerts: readonly Alert[],
  told: {
    readonly channel: string
    readonly network: string
    readonly at: Timestamp
    /** Whether anything is open that the channel was told in a digest, this one included. */
    readonly anyOpen: boolean
    readonly later: number
  },
): Digest {
  const { channel, network, at, anyOpen, later } = told
  const over = alerts.filter(({ state }) => state === 'resolved')
  const open = alerts.filter(({ state }) => state !== 'resolved')
  const thread = `digest:${network}:${channel}`
  return {
    key: `${thread}:${at}`,
    thread,
    state: anyOpen ? 'opened' : 'resolved',
    severity: (open.length > 0 ? open : over).reduce<Severity>(
      (worst, { severity }) => (isWorse(severity, worst) ? severity : worst),
      'info',
    ),
    network,
    at,
    open: counted(open),
    over: counted(over),
    worst: [...open, ...over].slice(0, mostLines),
    more: Math.max(0, alerts.length - mostLines),
    later,
  }
}

function counted(alerts: readonly Alert[]): Counts {
  const counts = { critical: 0, warning: 0, info: 0 }
  for (const { severity } of alerts) counts[severity] += 1
  return counts
}
