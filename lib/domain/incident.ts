import { isWorse, type Severity } from './alert.ts'
import { type ChannelRecord, owed } from './channel-record.ts'
import { timestamp, type Timestamp } from './time.ts'

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
  /** What it explains; absent where that is nothing. */
  readonly symptoms?: readonly Symptom[]
  /** It is over itself, and stands for its symptoms, which are not. */
  readonly isOver?: true
}

/** Something found that another finding explains: told with that one. */
export type Symptom = Pick<Finding, 'rule' | 'subject' | 'severity' | 'summary' | 'since'>

/** A line of an incident's history. */
export type TimelineEntry = { readonly at: Timestamp; readonly what: string }

/** An alert from first sight to resolved, and what each channel was told. Itself the outbox of its messages. */
export type Incident = {
  readonly rule: string
  readonly subject: string
  /** Names this occurrence: rule, subject and the time it was first seen. */
  readonly key: string
  /** `resolved` without `openedAt`: it went before anybody had to be told. */
  readonly state: 'pending' | 'open' | 'resolved'
  /** While open it only rises. */
  readonly severity: Severity
  readonly summary: string
  readonly since: Timestamp
  /** The time in `key`. */
  readonly seenAt: Timestamp
  readonly openedAt: Timestamp | undefined
  readonly worsenedAt: Timestamp | undefined
  readonly resolvedAt: Timestamp | undefined
  /** The first look that did not find it any more, while none has found it since. */
  readonly goneSince: Timestamp | undefined
  /** Looks in a row that did not find it, counted as far as the policy needs. */
  readonly goneLooks: number
  /** How often it went and came back: each time it must stay away twice as long before it counts as resolved. */
  readonly comebacks: number
  /** What came with it and is still found; absent where that is nothing. */
  readonly symptoms?: readonly Symptom[]
  /** Since when only its symptoms are left. */
  readonly causeGoneAt?: Timestamp | undefined
  /** What happened, oldest first; of a long one the beginning and the end. */
  readonly timeline?: readonly TimelineEntry[]
  readonly channels: Readonly<Record<string, ChannelRecord>>
  /** Former occurrences that some channel has yet to be told the end of, oldest first. */
  readonly earlier: readonly Incident[]
  /** Grows by one with every write. */
  readonly version: number
}

export type IncidentPolicy = {
  /** How long it must be gone before it counts as resolved. */
  readonly resolveAfterMs: number
  /** How many looks in a row must not have found it. */
  readonly resolveAfterLooks: number
  /** The longest that one which keeps coming back is held open. */
  readonly maxResolveAfterMs: number
  /** A new occurrence this soon after the last one's end is a comeback too. */
  readonly flapWindowMs: number
}

export const incidentPolicy: IncidentPolicy = {
  // Two looks of a watch that looks every 15 s, with room for one that is late.
  resolveAfterMs: 30_000,
  resolveAfterLooks: 2,
  // A shift notices what flaps every hour; it need not be told each time.
  maxResolveAfterMs: 60 * 60_000,
  flapWindowMs: 60 * 60_000,
}

/** Enough that only something that flaps for days reaches it, and small enough for one row. */
const maxEarlier = 50

/**
 * The incident after one look that found `finding`, or found nothing.
 *
 * It lasts since what the finding says or its first sight, whichever is earlier, and opens once that is `afterMs` ago.
 * The very same object comes back where nothing changed: then there is nothing to write.
 */
export function advance(
  incident: Incident | undefined,
  finding: Finding | undefined,
  now: Timestamp,
  policy: IncidentPolicy = incidentPolicy,
): Incident | undefined {
  const next = step(incident, finding, now, policy)
  return next && next !== incident ? withTimeline(incident, next, now) : next
}

function step(
  incident: Incident | undefined,
  finding: Finding | undefined,
  now: Timestamp,
  policy: IncidentPolicy,
): Incident | undefined {
  if (!finding) return incident && withoutFinding(incident, now, policy)
  if (!incident) return first(finding, now)
  if (incident.rule !== finding.rule || incident.subject !== finding.subject)
    throw new RangeError(
      `${finding.rule} of ${finding.subject} is not the incident ${incident.key}`,
    )
  if (incident.state !== 'resolved') return withFinding(incident, finding, now)
  return again(incident, finding, now, policy)
}

/** Resolved, and nobody is left to tell. */
export function isFinished(incident: Incident): boolean {
  if (incident.state !== 'resolved') return false
  const told = Object.values(incident.channels).every((record) => !owed(incident, record))
  return told && incident.earlier.every(isFinished)
}

function first(finding: Finding, now: Timestamp): Incident {
  const { rule, subject, severity, summary } = finding
  const since = earlier(finding.since, now)
  return {
    rule,
    subject,
    key: keyOf(finding, now),
    state: 'pending',
    severity,
    summary,
    since,
    seenAt: now,
    openedAt: undefined,
    worsenedAt: undefined,
    resolvedAt: undefined,
    goneSince: undefined,
    goneLooks: 0,
    comebacks: 0,
    ...symptomsOf(finding),
    channels: {},
    earlier: [],
    version: 1,
    ...opening(since, finding, now),
  }
}

function symptomsOf({ symptoms }: Finding): Pick<Incident, 'symptoms'> {
  return symptoms && symptoms.length > 0 ? { symptoms } : {}
}

/** A new occurrence. Its key is always a new one, even where the clock stood still or went back. */
function again(last: Incident, finding: Finding, now: Timestamp, policy: IncidentPolicy): Incident {
  const seenAt = timestamp(Math.max(now, last.seenAt + 1))
  const soon = elapsedMs(last.resolvedAt, now) <= policy.flapWindowMs
  const past = [...last.earlier, { ...last, earlier: [] }]
  return {
    ...first(finding, now),
    key: keyOf(finding, seenAt),
    seenAt,
    comebacks: soon ? last.comebacks + (last.openedAt === undefined ? 0 : 1) : 0,
    earlier: past.filter((occurrence) => !isFinished(occurrence)).slice(-maxEarlier),
    version: last.version + 1,
  }
}

function keyOf({ rule, subject }: Finding, seenAt: Timestamp): string {
  return `${rule}:${subject}:${seenAt}`
}

function withFinding(incident: Incident, finding: Finding, now: Timestamp): Incident {
  const { severity, summary } = finding
  if (incident.state === 'pending') {
    const since = earlier(incident.since, finding.since)
    const { symptoms } = finding
    return changed(incident, {
      severity,
      summary,
      since,
      ...symptomChange(incident, symptoms),
      ...opening(since, finding, now),
    })
  }
  const worse = isWorse(severity, incident.severity)
  return changed(incident, {
    summary,
    goneSince: undefined,
    goneLooks: 0,
    comebacks: incident.comebacks + (incident.goneSince === undefined ? 0 : 1),
    ...symptomChange(incident, finding.symptoms),
    ...overChange(incident, finding, now),
    ...(worse ? { severity, worsenedAt: now } : {}),
  })
}

/** Of a long history the first and the last lines stay. */
const [firstLines, lastLines] = [5, 35]

/** With a line for whatever people would want to know of this step. */
function withTimeline(before: Incident | undefined, next: Incident, now: Timestamp): Incident {
  const known = before?.key === next.key ? before : undefined
  const lines = linesOf(known, next).map((what) => ({ at: now, what }))
  const all = [...(known?.timeline ?? []), ...lines]
  if (lines.length === 0) return next
  const timeline =
    all.length <= firstLines + lastLines
      ? all
      : [...all.slice(0, firstLines), ...all.slice(-lastLines)]
  return { ...next, timeline }
}

function linesOf(known: Incident | undefined, next: Incident): readonly string[] {
  const [before, after] = [known?.symptoms ?? [], next.symptoms ?? []]
  const had = new Set(before.map(nameOf))
  const has = new Set(after.map(nameOf))
  const came = after.filter((one) => !had.has(nameOf(one))).map((one) => `with it ${wordsOf(one)}`)
  const went = before
    .filter((one) => !has.has(nameOf(one)) && next.state !== 'resolved')
    .map((one) => `${wordsOf(one)} is over`)
  const severity = known && next.severity !== known.severity ? [`it is ${next.severity} now`] : []
  return [
    ...(known ? [] : [`first seen: ${next.summary}`]),
    ...(known?.openedAt === undefined && next.openedAt !== undefined ? ['it was told'] : []),
    ...severity,
    ...came,
    ...went,
    ...(known?.causeGoneAt === undefined && next.causeGoneAt !== undefined
      ? ['its cause is over']
      : []),
    ...(known?.causeGoneAt !== undefined && next.causeGoneAt === undefined && next.state === 'open'
      ? ['its cause is back']
      : []),
    ...(known && known.comebacks < next.comebacks ? ['it came back'] : []),
    ...(next.state === 'resolved' && known?.state !== 'resolved' ? ['it is resolved'] : []),
  ]
}

function nameOf({ rule, subject }: Pick<Finding, 'rule' | 'subject'>): string {
  return `${rule} ${subject}`
}

function wordsOf({ rule, subject }: Pick<Finding, 'rule' | 'subject'>): string {
  return `${rule} of ${subject}`
}

function withoutFinding(incident: Incident, now: Timestamp, policy: IncidentPolicy): Incident {
  if (incident.state === 'resolved') return incident
  // Nobody heard of it, so nobody needs to hear that it is over.
  if (incident.state === 'pending') return changed(incident, { state: 'resolved', resolvedAt: now })
  const goneSince = incident.goneSince ?? now
  const goneLooks = Math.min(incident.goneLooks + 1, policy.resolveAfterLooks)
  const over =
    elapsedMs(goneSince, now) >= quietMs(incident, policy) && goneLooks >= policy.resolveAfterLooks
  return changed(incident, {
    goneSince,
    goneLooks,
    ...(over ? { state: 'resolved' as const, resolvedAt: now } : {}),
  })
}

function opening(since: Timestamp, finding: Finding, now: Timestamp): Partial<Incident> {
  const lasted = elapsedMs(since, now) >= finding.afterMs
  return lasted ? { state: 'open', openedAt: now } : {}
}

function quietMs({ comebacks }: Incident, policy: IncidentPolicy): number {
  // Twenty doublings of one millisecond are a quarter of an hour; of any real policy, past its cap.
  const grown = policy.resolveAfterMs * 2 ** Math.min(comebacks, 20)
  return Math.min(grown, Math.max(policy.resolveAfterMs, policy.maxResolveAfterMs))
}

/** Only where other things are explained than before: the same ones in other words are nothing new. */
function symptomChange(
  { symptoms: before = [] }: Incident,
  symptoms: readonly Symptom[] = [],
): Pick<Partial<Incident>, 'symptoms'> {
  const names = (all: readonly Symptom[]) => all.map(nameOf).toSorted().join('\n')
  return names(before) === names(symptoms) ? {} : { symptoms }
}

function overChange(
  { causeGoneAt }: Incident,
  { isOver }: Finding,
  now: Timestamp,
): { readonly causeGoneAt?: Timestamp | undefined } {
  const next = isOver ? (causeGoneAt ?? now) : undefined
  return next === causeGoneAt ? {} : { causeGoneAt: next }
}

/** The next version with `change`, or the incident itself where `change` says nothing new. */
function changed(incident: Incident, change: Partial<Incident>): Incident {
  const next = { ...incident, ...change }
  const same = (Object.keys(change) as (keyof Incident)[]).every((k) => next[k] === incident[k])
  return same ? incident : { ...next, version: incident.version + 1 }
}

function earlier(one: Timestamp, other: Timestamp): Timestamp {
  return one < other ? one : other
}

/** Never negative: a clock that went back makes nothing older. */
function elapsedMs(since: Timestamp | undefined, now: Timestamp): number {
  return since === undefined ? 0 : Math.max(0, now - since)
}
