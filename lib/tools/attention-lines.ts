import type { Acknowledgement, Silence } from '../domain/attention.ts'
import type { IncidentMatch } from '../domain/incident-match.ts'
import { durationText } from './duration.ts'

/** One incident with what people said of it. */
export type IncidentSeen = {
  readonly rule: string
  readonly subject: string
  readonly severity: string
  readonly state: string
  readonly summary: string
  readonly since: number
  readonly told: readonly string[]
  readonly acknowledgement: Acknowledgement | undefined
  readonly silence: Silence | undefined
}

const columns = ['severity', 'state', 'for', 'rule', 'subject', 'told', 'in hand'] as const

/** A table of what is open, each with its sentence below, then what is silenced. */
export function incidentLines(
  incidents: readonly IncidentSeen[],
  silences: readonly Silence[],
  now: number,
): readonly string[] {
  const rows = [columns, ...incidents.map((one) => cells(one, now))]
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  const table = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const lines = table.flatMap((line, at) => {
    const summary = incidents[at - 1]?.summary
    return summary === undefined ? [line] : [line, `  ${summary}`]
  })
  return [
    ...(incidents.length === 0 ? ['Nothing is open.'] : lines),
    ...(silences.length === 0 ? [] : ['', ...silenceLines(silences, now)]),
  ]
}

export function silenceLines(silences: readonly Silence[], now: number): readonly string[] {
  if (silences.length === 0) return ['Nothing is silenced.']
  return silences.map(({ id, match, until, by, reason, deadlines }) => {
    const what = deadlines ? `${matchText(match)}, deadlines too` : matchText(match)
    return `silence ${id}: ${what}, for ${left(until, now)} more, by ${by}: ${reason}`
  })
}

function matchText({ rule, subject }: IncidentMatch): string {
  return `${rule ?? 'any rule'} of ${subject ?? 'anything'}`
}

function cells(one: IncidentSeen, now: number): readonly string[] {
  const { severity, state, since, rule, subject, told } = one
  return [
    severity,
    state,
    durationText(Math.max(0, now - since)),
    rule,
    subject,
    told.length === 0 ? '-' : told.join(', '),
    inHand(one, now),
  ]
}

function inHand({ acknowledgement, silence }: IncidentSeen, now: number): string {
  const parts = [
    ...(acknowledgement ? [`${acknowledgement.by}, ${left(acknowledgement.until, now)} more`] : []),
    ...(silence ? [`silence ${silence.id}`] : []),
  ]
  return parts.length === 0 ? '-' : parts.join('; ')
}

function left(until: number, now: number): string {
  return durationText(Math.max(0, until - now))
}
