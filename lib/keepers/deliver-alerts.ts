import type { ChannelRules } from '../domain/channel-pace.ts'
import {
  begun,
  type Delivery,
  deliveries,
  namedChannels,
  putOff,
  type Routing,
  type Told,
  told,
} from '../domain/incident-deliveries.ts'
import type { Incident } from '../domain/incident.ts'
import type { AlertChannel, AlertDesk, Clock, Incidents } from '../ports.ts'
import { askLeave, lookAtChannels } from './ask-leave.ts'
import { eachKept } from './each-kept.ts'
import type { Notify } from './notice.ts'
import { sendAlerts } from './send-alerts.ts'

/** Who is told, through what. */
export type Messenger = {
  readonly clock: Clock
  readonly incidents: Incidents
  readonly desk: AlertDesk
  readonly channels: Readonly<Record<string, AlertChannel>>
  /** How much each channel is told; one that is not here is told everything at once. */
  readonly rules: Readonly<Record<string, ChannelRules>>
  readonly routing: Routing
  readonly notify: Notify
}

/** What one incident owes, and to whom it goes now. */
type Owing = {
  readonly row: string
  readonly now: readonly Delivery[]
  readonly held: readonly Delivery[]
}

/**
 * Delivers every message that is due, each channel's at its own pace; the rest in one digest. What does not get through is
 * due again later. Where the store fails for one, the others are still brought to their end before that is thrown.
 */
export async function deliverAlerts(messenger: Messenger): Promise<void> {
  const { incidents, desk, clock } = messenger
  const open = await incidents.open()
  // Most looks end here, and cost one read.
  if (open.length === 0) return
  const [silences, acknowledgements, manners] = await Promise.all([
    desk.silences(),
    desk.acknowledgements(),
    lookAtChannels(messenger),
  ])
  const attention = { silences, acknowledgements }
  const due = dueOf(messenger, open, { attention, ...manners })
  if (due.size === 0) return
  const leave = await askLeave(messenger, [...due.values()].flat(), clock.now())
  const inDigests = new Set([...leave.digests.values()].flatMap(({ deliveries: all }) => all))
  const rows = new Map(open.map((incident) => [rowOf(incident), incident]))
  const troubles: unknown[] = []
  // Few and the worst first: they do not wait for the rows of a large digest.
  for (const together of [false, true]) {
    const owing = [...due].map(([incident, all]) => ({
      row: rowOf(incident),
      now: all.filter((one) => leave.starts.has(one) && inDigests.has(one) === together),
      held: together ? all.filter((one) => leave.held.has(one)) : [],
    }))
    const begunNow = await eachKept(
      owing,
      troubles,
      async (one) => await begin(messenger, rows, one),
    )
    const claimed = new Set(begunNow.flat())
    const ends = await sendAlerts(messenger, { leave, claimed, open })
    const byRow = [...Map.groupBy(ends, ({ alert }) => rowOf(alert))]
    await eachKept(byRow, troubles, async (some) => await record(messenger, rows, some))
  }
  if (troubles.length > 0) throw troubles[0]
}

/** By incident; what only another process can send is left to it. */
function dueOf(
  { clock, channels, routing }: Messenger,
  open: readonly Incident[],
  telling: Parameters<typeof deliveries>[3],
): ReadonlyMap<Incident, readonly Delivery[]> {
  const named = namedChannels(routing)
  const due = open.map((incident) => {
    const all = deliveries(incident, routing, clock.now(), telling).filter(
      ({ channel }) => Object.hasOwn(channels, channel) || !named.has(channel),
    )
    return [incident, all] as const
  })
  return new Map(due.filter(([, all]) => all.length > 0))
}

/** The rows as this worker knows them, by rule and subject. */
type Rows = Map<string, Incident>

/** Answers what is this worker's to send: nothing where another one tries, or the incident moved on. */
async function begin(
  { incidents, clock }: Messenger,
  rows: Rows,
  { row, now, held }: Owing,
): Promise<readonly Delivery[]> {
  const incident = rows.get(row)
  if (!incident) return []
  const tried = now.length === 0 ? incident : begun(incident, now, clock.now())
  const kept = putOff(tried, held)
  if (kept === incident) return []
  // Both changes are one write.
  const next = { ...kept, version: incident.version + 1 }
  if ((await incidents.write(next)) === 'stale') return []
  rows.set(row, next)
  return now
}

/** Tries for a row that a watcher changes at the same time. Where all fail, the begun tries end by their lease. */
const maxTries = 5

async function record(
  { incidents, clock }: Messenger,
  rows: Rows,
  [row, outcomes]: readonly [string, readonly Told[]],
): Promise<void> {
  let now = rows.get(row)
  for (let tries = 0; now && tries < maxTries; tries += 1) {
    const after = told(now, outcomes, clock.now())
    if (after === now) return
    if ((await incidents.write(after)) === 'written') {
      rows.set(row, after)
      return
    }
    now = await incidents.read(now.rule, now.subject)
  }
}

function rowOf({ rule, subject }: Pick<Incident, 'rule' | 'subject'>): string {
  return `${rule}\n${subject}`
}
