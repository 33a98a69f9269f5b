import { type AlertOutcome, outcomeOfError } from '../domain/alert.ts'
import {
  begun,
  type Delivery,
  deliveries,
  namedChannels,
  type Routing,
  told,
} from '../domain/incident-deliveries.ts'
import type { Incident } from '../domain/incident.ts'
import type { AlertChannel, Clock, Incidents } from '../ports.ts'
import { messageOf } from './message-of.ts'
import type { Notify } from './notice.ts'

/** Who is told, through what. */
export type Messenger = {
  readonly clock: Clock
  readonly incidents: Incidents
  readonly channels: Readonly<Record<string, AlertChannel>>
  readonly routing: Routing
  readonly notify: Notify
}

type Told = Delivery & { readonly outcome: AlertOutcome }

/**
 * Delivers every message that is due. What does not get through is due again later. Where the store fails for one, the
 * others are still brought to their end before that is thrown.
 */
export async function deliverAlerts(messenger: Messenger): Promise<void> {
  const open = await messenger.incidents.open()
  const ends = await Promise.allSettled(
    open.map(async (incident) => deliverOne(messenger, incident)),
  )
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

async function deliverOne(messenger: Messenger, listed: Incident): Promise<void> {
  const { incidents, routing, clock } = messenger
  const incident = await incidents.read(listed.rule, listed.subject)
  if (!incident) return
  const named = namedChannels(routing)
  const due = deliveries(incident, routing, clock.now()).filter(
    ({ channel }) => Object.hasOwn(messenger.channels, channel) || !named.has(channel),
  )
  if (due.length === 0) return
  // Another worker tries these, or the incident moved on: the next look tells what is due then.
  if ((await incidents.write(begun(incident, due, clock.now()))) === 'stale') return
  const outcomes = await Promise.all(due.map(async (delivery) => send(messenger, delivery)))
  await record(messenger, incident, outcomes)
}

async function send(messenger: Messenger, delivery: Delivery): Promise<Told> {
  const { channels, notify, clock } = messenger
  const channel = Object.hasOwn(channels, delivery.channel) ? channels[delivery.channel] : undefined
  // It was taken out of the network file while it was owed something: nobody will ever be told by it.
  if (!channel) return { ...delivery, outcome: { kind: 'refused' } }
  try {
    await channel.deliver(delivery.alert)
    return { ...delivery, outcome: { kind: 'delivered' } }
  } catch (error) {
    const where = `alert channel ${delivery.channel}`
    notify({ kind: 'trouble', at: clock.now(), where, message: messageOf(error) })
    return { ...delivery, outcome: outcomeOfError(error) }
  }
}

/** Tries for a row that a watcher changes at the same time. Where all fail, the begun tries end by their lease. */
const maxTries = 5

async function record(
  { incidents, clock }: Messenger,
  { rule, subject }: Incident,
  outcomes: readonly Told[],
): Promise<void> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const now = await incidents.read(rule, subject)
    if (!now) return
    const after = told(now, outcomes, clock.now())
    if (after === now || (await incidents.write(after)) === 'written') return
  }
}
