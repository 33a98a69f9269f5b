import { neverInhibited } from './deadline-rules.ts'
import { type IncidentMatch, isMeant } from './incident-match.ts'
import type { Incident } from './incident.ts'
import type { Timestamp } from './time.ts'

/** Nobody is told of what it means, until then. */
export type Silence = {
  readonly id: string
  readonly match: IncidentMatch
  readonly until: Timestamp
  readonly by: string
  readonly reason: string
  /** Whether it also means rules that count down to a deadline on a chain. */
  readonly deadlines: boolean
}

/** Somebody has this occurrence in hand, until then: they need not be reminded. */
export type Acknowledgement = {
  readonly rule: string
  readonly subject: string
  /** Of the incident: a new occurrence is nobody's. */
  readonly key: string
  readonly until: Timestamp
  readonly by: string
  readonly note: string
}

/** What people have said of alerts. */
export type Attention = {
  readonly silences: readonly Silence[]
  readonly acknowledgements: readonly Acknowledgement[]
}

export const noAttention: Attention = { silences: [], acknowledgements: [] }

export function silenceOf(
  incident: Pick<Incident, 'rule' | 'subject'>,
  { silences }: Attention,
  now: Timestamp,
): Silence | undefined {
  return silences.find(
    ({ match, until, deadlines }) =>
      until > now && isMeant(match, incident) && (deadlines || !neverInhibited.has(incident.rule)),
  )
}

export function acknowledgementOf(
  incident: Pick<Incident, 'rule' | 'subject' | 'key'>,
  { acknowledgements }: Attention,
  now: Timestamp,
): Acknowledgement | undefined {
  return acknowledgements.find(({ key, until }) => key === incident.key && until > now)
}

/** The rules that a silence like this one means and leaves out, since they count down to a deadline. */
export function deadlinesIn({
  match,
  deadlines,
}: Pick<Silence, 'match' | 'deadlines'>): readonly string[] {
  if (deadlines) return []
  return [...neverInhibited].filter((rule) => isMeant({ rule: match.rule }, { rule, subject: '' }))
}
