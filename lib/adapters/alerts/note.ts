import type { Counts, Digest } from '../../domain/alert-digest.ts'
import type { Alert, Severity } from '../../domain/alert.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { AlertWorld } from './channel.ts'
import { context, runbook, runbookUrl, summary, title, truncate, utc } from './text.ts'

/** What people read, whether it is of one incident or of many; each channel draws it in its own way. */
export type Note = {
  readonly tone: Severity | 'over'
  readonly title: string
  /** Where, since when. */
  readonly context: string
  /** What to do; undefined where nothing is. */
  readonly todo: { readonly path: string; readonly url: string | undefined } | undefined
  readonly lines: readonly string[]
  readonly at: Timestamp
}

export function noteOf(alert: Alert, world: AlertWorld): Note {
  const over = alert.state === 'resolved'
  return {
    tone: over ? 'over' : alert.severity,
    title: title(alert),
    context: context(alert),
    todo: over ? undefined : { path: runbook(alert), url: runbookUrl(alert, world) },
    lines: [summary(alert)],
    at: alert.at,
  }
}

/** One incident's share of a digest. */
const lineLimit = 220

export function digestNote(digest: Digest): Note {
  const { open, over, severity, network, at, worst, more, later } = digest
  const anyOpen = Object.values(open).some((count) => count > 0)
  return {
    tone: anyOpen ? severity : 'over',
    title: digestTitle(digest),
    context: `${network}, ${utc(at)}: ${counted(open)} open, ${counted(over)} over${later > 0 ? `; ${later} more to come` : ''}`,
    todo: undefined,
    lines: [
      ...worst.map((alert) => truncate(`${title(alert)}: ${summary(alert)}`, lineLimit)),
      ...(more > 0 ? [`and ${more} more`] : []),
    ],
    at,
  }
}

/** `DIGEST of 57 alerts, the worst CRITICAL`. */
export function digestTitle({ severity, worst, more }: Digest): string {
  return `DIGEST of ${worst.length + more} alerts, the worst ${severity.toUpperCase()}`
}

/** A whole message as plain text: numbers and the link first, and at the end what can be long. */
export function letter({ title: head, context: where, todo, lines }: Note): string {
  const all = [
    truncate(head, 300),
    truncate(where, 600),
    ...(todo ? [`what to do: ${truncate(todo.url ?? todo.path, 500)}`] : []),
    '',
    truncate(lines.join('\n'), 4000),
  ]
  return all.join('\n').toWellFormed()
}

/** `2 critical, 1 info`; `none`. */
function counted(counts: Counts): string {
  const parts = (['critical', 'warning', 'info'] as const).flatMap((severity) =>
    counts[severity] > 0 ? [`${counts[severity]} ${severity}`] : [],
  )
  return parts.length > 0 ? parts.join(', ') : 'none'
}
