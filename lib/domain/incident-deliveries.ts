import type { Alert, AlertOutcome, Severity } from './alert.ts'
import {
  type ChannelRecord,
  isDead,
  isDue,
  owed,
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
export type Delivery = { readonly channel: string; readonly alert: Alert }

/**
 * What must be told to whom now: that it opened, that it worsened, and to those who may have heard, that it is over.
 * Send them after {@link begun} is stored, and record how it went with {@link told}.
 */
export function deliveries(
  incident: Incident,
  routing: Routing,
  now: Timestamp,
): readonly Delivery[] {
  return [...incident.earlier, incident].flatMap((occurrence) =>
    audience(occurrence, routing).flatMap((channel) => {
      const record = recordOf(occurrence, channel)
      const state = owed(occurrence, record)
      if (!state || !isDue(record, now)) return []
      return [{ channel, alert: message(occurrence, state, routing.network) }]
    }),
  )
}

/**
 * The incident with these tries under way. Stored before anything is sent, so that two workers do not send the same
 * message, and a crash in between does not hide that somebody may have heard.
 */
export function begun(incident: Incident, due: readonly Delivery[], now: Timestamp): Incident {
  return recorded(incident, due, (record) => tryBegun(record, now))
}

/** The incident with the outcomes of these tries. It may have moved on meanwhile: read it again before. */
export function told(
  incident: Incident,
  outcomes: readonly (Delivery & { readonly outcome: AlertOutcome })[],
  now: Timestamp,
): Incident {
  return recorded(incident, outcomes, (record, { alert, outcome }) =>
    tryEnded(record, alert, { outcome, now }),
  )
}

/** Those the severity is routed to, those who have been tried already, and the fallback for the dead among them. */
function audience(incident: Incident, routing: Routing): readonly string[] {
  const known = Object.keys(incident.channels)
  if (incident.state !== 'open') return known
  const routed = routeOf(incident, routing)
  const dead = routed.some((channel) => isDead(incident, recordOf(incident, channel)))
  return [...new Set([...routed, ...known, ...(dead ? routing.fallback : [])])]
}

function routeOf(incident: Incident, { subjects = [], routes }: Routing): readonly string[] {
  const { severity } = incident
  const own = subjects.find(({ match }) => isMeant(match, incident))
  return own?.routes[severity] ?? routes[severity]
}

function message(incident: Incident, state: Alert['state'], network: string): Alert {
  const { key, severity, rule, subject, summary, since } = incident
  return { key, state, severity, rule, subject, summary, network, since, at: when(incident, state) }
}

/** When it happened, not when it is told: the same in each try. */
function when(incident: Incident, state: Alert['state']): Timestamp {
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
