import { isWorse, type Severity } from '../alert.ts'
import type { Finding, Incident, Symptom } from '../incident.ts'
import { timestamp, type Timestamp } from '../time.ts'
import { causesOf, depthOf, firstCause, type Links } from './causes.ts'

export type Correlated = {
  /** What is told, each with what it explains. */
  readonly findings: readonly Finding[]
  /** What something else explains: told with that, and neither found nor gone by itself. */
  readonly explained: readonly Pick<Finding, 'rule' | 'subject'>[]
}

/** So long after its cause is over what it brought about may last: prices, funding, then what waited for them. */
const lingerMs = 10 * 60_000

/** How many of an incident's symptoms its sentence names. */
const named = 3

/**
 * Joins what has one cause: a chain that stalls makes prices late, batches late and the settlement with them, and is told
 * once. What was told with a cause that is over stays with it for a while, so that a recovery is the end of one incident and
 * not the beginning of three.
 */
export function correlate(
  found: readonly Finding[],
  {
    open,
    links,
    now,
  }: {
    /** Incidents that people have been told of. */
    readonly open: readonly Incident[]
    readonly links: Links
    readonly now: Timestamp
  },
): Correlated {
  const rootOf = rootsOf(found, links)
  const past = pastCauses(found, { open, links, now })
  const groups = Map.groupBy(found, (finding) => {
    const root = rootOf(finding)
    return keyOf(past.get(keyOf(root)) ?? root)
  })
  const openByKey = new Map(open.toReversed().map((incident) => [keyOf(incident), incident]))
  const findings = [...groups].flatMap(([key, all]) => {
    const root = all.find((one) => keyOf(one) === key)
    if (root) return withSymptoms(root, all)
    const incident = openByKey.get(key)
    return incident ? lingering(incident, all) : all
  })
  const told = new Set(findings.map(keyOf))
  const explained = found.flatMap(({ rule, subject }) =>
    told.has(keyOf({ rule, subject })) ? [] : [{ rule, subject }],
  )
  return { findings, explained }
}

/** The deepest cause of a finding, and of that again, as far as there is one. */
function rootsOf(found: readonly Finding[], links: Links): (finding: Finding) => Finding {
  const deepest = found
    .filter(({ rule }) => depthOf(rule) !== undefined)
    .toSorted((one, other) => (isBefore(one, other) ? -1 : isBefore(other, one) ? 1 : 0))
  const rank = new Map(deepest.map((finding, at) => [finding, at]))
  const causes = causesOf(deepest, links)
  const known = new Map<Finding, Finding>()

  return function rootOf(finding: Finding): Finding {
    const before = known.get(finding)
    if (before) return before
    const cause = firstCause(finding, causes, {
      links,
      // What comes after it in the order of causes is none of its own.
      until: rank.get(finding),
      isInTime: (one) => isInTime(one, finding),
    })
    const root = cause ? rootOf(cause) : finding
    known.set(finding, root)
    return root
  }
}

/** What blocks that were undone bring about shows within minutes; what comes later has another cause. */
const undoneMs = 5 * 60_000

/** Settings that change at once are one change; what changes later is another one, and must be told. */
function isInTime(
  cause: Pick<Finding, 'rule' | 'since'>,
  { rule, since }: Pick<Finding, 'rule' | 'since'>,
): boolean {
  if (cause.rule === 'setting-changed') return cause.since === since
  if (cause.rule !== 'head-went-back') return true
  // An old head is what is left of an undone one; a stall that begins after it is another one.
  return since <= cause.since + (rule === 'chain-stalled' ? 0 : undoneMs)
}

/** An order of causes: the deeper rule, then our own chain before another system’s view of it, then the name. */
function isBefore(one: Finding, other: Finding): boolean {
  const [depth, otherDepth] = [depthOf(one.rule), depthOf(other.rule)]
  if (depth === undefined) return false
  if (depth !== (otherDepth ?? Infinity)) return depth < (otherDepth ?? Infinity)
  return compareSubjects(one.subject, other.subject) < 0
}

function compareSubjects(one: string, other: string): number {
  const [parts, otherParts] = [one.split(':'), other.split(':')]
  if (parts.length !== otherParts.length) return parts.length - otherParts.length
  const byNumber = Number(parts.at(-1)) - Number(otherParts.at(-1))
  if (Number.isFinite(byNumber) && byNumber !== 0) return byNumber
  return one < other ? -1 : one > other ? 1 : 0
}

/** By finding: the incident that it came with, where that one's own cause is not found any more. */
function pastCauses(
  found: readonly Finding[],
  {
    open,
    links,
    now,
  }: { readonly open: readonly Incident[]; readonly links: Links; readonly now: Timestamp },
): ReadonlyMap<string, Incident> {
  const present = new Set(found.map(keyOf))
  const over = open.filter(
    (incident) =>
      incident.state === 'open' &&
      !present.has(keyOf(incident)) &&
      depthOf(incident.rule) !== undefined &&
      now - (incident.causeGoneAt ?? now) <= lingerMs,
  )
  const causes = causesOf(over, links)
  return new Map(
    found.flatMap((finding) => {
      const of = firstCause(finding, causes, {
        links,
        isInTime: (incident) => isInTime(incident, finding),
      })
      return of ? [[keyOf(finding), of] as const] : []
    }),
  )
}

function withSymptoms(root: Finding, all: readonly Finding[]): Finding {
  const symptoms = all.filter((one) => one !== root)
  if (symptoms.length === 0) return root
  return {
    ...root,
    severity: worstOf(all),
    summary: `${root.summary}; with it ${listed(symptoms)}`,
    symptoms: symptoms.map(symptomOf),
  }
}

/** The cause is over; what it brought about is not. */
function lingering(incident: Incident, all: readonly Finding[]): Finding {
  const { rule, subject, since } = incident
  return {
    rule,
    subject,
    since,
    severity: worstOf(all),
    summary: `${rule} of ${subject} is over; there is still ${listed(all)}`,
    afterMs: 0,
    symptoms: all.map(symptomOf),
    isOver: true,
  }
}

function symptomOf({ rule, subject, severity, summary, since }: Finding): Symptom {
  return { rule, subject, severity, summary, since: timestamp(since) }
}

function worstOf(all: readonly Finding[]): Severity {
  return all.reduce<Severity>(
    (worst, { severity }) => (isWorse(severity, worst) ? severity : worst),
    'info',
  )
}

function listed(all: readonly Finding[]): string {
  const sorted = all.toSorted((one, other) =>
    isWorse(one.severity, other.severity) ? -1 : isWorse(other.severity, one.severity) ? 1 : 0,
  )
  const shown = sorted.slice(0, named).map(({ rule, subject }) => `${rule} of ${subject}`)
  const rest = all.length - shown.length
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ')
}

function keyOf({ rule, subject }: Pick<Finding, 'rule' | 'subject'>): string {
  return `${rule}\n${subject}`
}
