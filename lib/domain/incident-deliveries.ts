import type { Alert, AlertOutcome, Severity } from './alert.ts'
import { acknowledgementOf, type Attention, noAttention, silenceOf } from './attention.ts'
import {
  type ChannelRecord,
  heldBack,
  isDead,
  isDue,
  owed,
  reminderAt,
  tryBegun,
  tryEnded,
  untold,
} from './channel-record.ts'
import { type IncidentMatch, isMeant } from './incident-match.ts'
import { type Incident, isFinished } from './incident.ts'
import type { Timestamp } from './time.ts'

/** Which channels hear what. */
export type Routing = {
  readonly network: string
  /** Of what the first of these means, its own; of a severity that it leaves out, and of all else, `routes`. */
  readonly subjects?: readonly SubjectRoutes[]
  readonly routes: Readonly<Record<Severity, readonly string[]>>
  /** Told in place of a channel that is dead or refuses. */
  readonly fallback: readonly string[]
}

export type SubjectRoutes = {
  readonly match: IncidentMatch
  readonly routes: Readonly<Partial<Record<Severity, readonly string[] | undefined>>>
}

/** Every channel that anything may be told by. */
export function namedChannels({ subjects = [], routes, fallback }: Routing): ReadonlySet<string> {
  const all = [routes, ...subjects.map((one) => one.routes)].flatMap((one) => Object.values(one))
  return new Set([...all.flatMap((channels) => channels ?? []), ...fallback])
}

/** One message that one channel must be given. */
export type Delivery = {
  readonly channel: string
  readonly alert: Alert
  /** It waited for a digest. */
  readonly held?: boolean | undefined
  /** The channel was told of it in a digest. */
  readonly digested?: boolean | undefined
}

/** What else decides who is told. */
export type Telling = {
  readonly attention: Attention
  /** Channels that must be left alone for so long that others are told what cannot wait. */
  readonly out: ReadonlySet<string>
  /** After how long each channel is reminded of what is open. */
  readonly remindMs: Readonly<Record<string, number>>
}

export const plainly: Telling = { attention: noAttention, out: new Set(), remindMs: {} }

/**
 * What must be told to whom now: that it opened, that it worsened, that it is still open, and to those who may have heard,
 * that it is over. Send them after {@link begun} is stored, and record how it went with {@link told}.
 */
export function deliveries(
  incident: Incident,
  routing: Routing,
  now: Timestamp,
  telling: Telling = plainly,
): readonly Delivery[] {
  return [...incident.earlier, incident].flatMap((occurrence) => {
    const silent = silenceOf(occurrence, telling.attention, now) !== undefined
    return audience(occurrence, routing, { telling, now }).flatMap((channel) => {
      const record = recordOf(occurrence, channel)
      // Who has heard the beginning hears the end, whoever is silenced.
      if (!isDue(record, now) || (silent && !endsWhatWasHeard(occurrence, record))) return []
      const state = owed(occurrence, record)
      const at = state ? when(occurrence, state) : reminder(occurrence, channel, telling, now)
      if (at === undefined) return []
      const of = message(occurrence, { state: state ?? 'reminded', at }, routing.network)
      const alert = record.message === undefined ? of : { ...of, after: record.message }
      return [{ channel, alert, held: record.held, digested: record.digested }]
    })
  })
}

function endsWhatWasHeard({ state }: Incident, record: ChannelRecord): boolean {
  const heard = record.told !== 'nothing' || record.perhaps || record.trying
  return state === 'resolved' && heard
}

/** Since when the channel should have been told once more; undefined where it need not be. */
function reminder(
  occurrence: Incident,
  channel: string,
  { remindMs, attention }: Telling,
  now: Timestamp,
): Timestamp | undefined {
  const after = Object.hasOwn(remindMs, channel) ? remindMs[channel] : undefined
  if (after === undefined || occurrence.state !== 'open' || occurrence.severity === 'info')
    return undefined
  if (acknowledgementOf(occurrence, attention, now)) return undefined
  const at = reminderAt(recordOf(occurrence, channel), after)
  return at !== undefined && at <= now ? at : undefined
}

/** How many occurrences a channel was told of in digests, and of their ends not yet. */
export function digestedOpen(incident: Incident, channel: string): number {
  return [...incident.earlier, incident].filter((occurrence) => {
    const record = recordOf(occurrence, channel)
    return record.digested === true && record.told !== 'resolved'
  }).length
}

/**
 * The incident with these tries under way. Stored before anything is sent, so that two workers do not send the same
 * message, and a crash in between does not hide that somebody may have heard.
 */
export function begun(incident: Incident, due: readonly Delivery[], now: Timestamp): Incident {
  return recorded(incident, due, (record) => tryBegun(record, now))
}

/** The incident with these put off until there is a digest; the same where all of that is known. */
export function putOff(incident: Incident, held: readonly Delivery[]): Incident {
  const fresh = held.filter(({ held: known }) => !known)
  return fresh.length === 0 ? incident : recorded(incident, fresh, heldBack)
}

/** The incident with the outcomes of these tries. It may have moved on meanwhile: read it again before. */
export function told(incident: Incident, outcomes: readonly Told[], now: Timestamp): Incident {
  return recorded(incident, outcomes, (record, { alert, outcome, inDigest }) =>
    tryEnded(record, alert, { outcome, now, digested: inDigest }),
  )
}

/** How one try ended. */
export type Told = Delivery & {
  readonly outcome: AlertOutcome
  /** Whether it was one of many in a message. */
  readonly inDigest?: boolean
}

/** Those the severity is routed to, those who have been tried already, and the fallback for the dead among them. */
function audience(
  incident: Incident,
  routing: Routing,
  { telling, now }: { readonly telling: Telling; readonly now: Timestamp },
): readonly string[] {
  const known = Object.keys(incident.channels)
  if (incident.state !== 'open') return known
  const routed = routeOf(incident, routing)
  const dead = routed.some((channel) => {
    const record = recordOf(incident, channel)
    return isDead(incident, record) || isTooLate(incident, record, telling.out.has(channel), now)
  })
  return [...new Set([...routed, ...known, ...(dead ? routing.fallback : [])])]
}

/** Whoever must get up is told by others where a channel has failed once and its next turn takes this long. */
const mostFailingMs = 30_000

/** What is critical does not wait for a channel that is left alone, or whose pace leaves it few tries. */
function isTooLate(
  incident: Incident,
  record: ChannelRecord,
  out: boolean,
  now: Timestamp,
): boolean {
  if (incident.severity !== 'critical' || !owed(incident, record)) return false
  const since = incident.worsenedAt ?? incident.openedAt ?? incident.since
  return out || (record.failures > 0 && now - since >= mostFailingMs)
}

function routeOf(incident: Incident, { subjects = [], routes }: Routing): readonly string[] {
  const { severity } = incident
  const own = subjects.find(({ match }) => isMeant(match, incident))
  return own?.routes[severity] ?? routes[severity]
}

function message(
  incident: Incident,
  { state, at }: Pick<Alert, 'state' | 'at'>,
  network: string,
): Alert {
  const { key, severity, rule, subject, summary, since } = incident
  return { key, state, severity, rule, subject, summary, network, since, at }
}

/** When it happened, not when it is told: the same in each try. */
function when(incident: Incident, state: Exclude<Alert['state'], 'reminded'>): Timestamp {
  const opened = incident.openedAt ?? incident.since
  switch (state) {
    case 'opened':
      return opened
    case 'worsened':
      return incident.worsenedAt ?? opened
    case 'resolved':
      return incident.resolvedAt ?? opened
  }
}

/** Changes the records that `items` name, in the occurrence that each belongs to; unknown occurrences are long finished. */
function recorded<T extends Delivery>(
  incident: Incident,
  items: readonly T[],
  change: (record: ChannelRecord, item: T) => ChannelRecord,
): Incident {
  const keys = new Set([incident, ...incident.earlier].map(({ key }) => key))
  if (!items.some(({ alert }) => keys.has(alert.key))) return incident
  const one = (occurrence: Incident): Incident => {
    const records = new Map(Object.entries(occurrence.channels))
    for (const item of items.filter(({ alert }) => alert.key === occurrence.key))
      records.set(item.channel, change(records.get(item.channel) ?? untold, item))
    return { ...occurrence, channels: Object.fromEntries(records) }
  }
  const earlier = incident.earlier.map(one).filter((occurrence) => !isFinished(occurrence))
  return { ...one(incident), earlier, version: incident.version + 1 }
}

function recordOf(incident: Incident, channel: string): ChannelRecord {
  const own = Object.hasOwn(incident.channels, channel)
  return (own ? incident.channels[channel] : undefined) ?? untold
}
