import { digestOf } from '../domain/alert-digest.ts'
import { type AlertOutcome, outcomeOfError } from '../domain/alert.ts'
import { freshPace, rested } from '../domain/channel-pace.ts'
import { type Delivery, digestedOpen, type Told } from '../domain/incident-deliveries.ts'
import type { Incident } from '../domain/incident.ts'
import type { Timestamp } from '../domain/time.ts'
import type { AlertChannel } from '../ports.ts'
import type { LeaveForAll } from './ask-leave.ts'
import type { Messenger } from './deliver-alerts.ts'
import { messageOf } from './message-of.ts'

/** One message, of one incident or of many. */
type Message = {
  readonly channel: string
  readonly startAt: Timestamp
  readonly parts: readonly Delivery[]
  readonly inDigest: boolean
  /** How many more are told in later digests. */
  readonly later: number
}

/** Sends what this worker has claimed, each message when its turn begins, and answers how each part of it ended. */
export async function sendAlerts(
  messenger: Messenger,
  {
    leave,
    claimed,
    open,
  }: {
    readonly leave: LeaveForAll
    readonly claimed: ReadonlySet<Delivery>
    readonly open: readonly Incident[]
  },
): Promise<readonly Told[]> {
  const messages = messagesOf(leave, claimed)
  const ends = await Promise.all(
    messages.map(async (message) => {
      const outcome = await send(messenger, message, open)
      return message.parts.map((part) => ({ ...part, outcome, inDigest: message.inDigest }))
    }),
  )
  return ends.flat()
}

function messagesOf(
  { starts, digests }: LeaveForAll,
  claimed: ReadonlySet<Delivery>,
): readonly Message[] {
  const inDigests = new Set([...digests.values()].flatMap(({ deliveries }) => deliveries))
  const singles = [...starts].flatMap(([delivery, startAt]) =>
    claimed.has(delivery) && !inDigests.has(delivery)
      ? [{ channel: delivery.channel, startAt, parts: [delivery], inDigest: false, later: 0 }]
      : [],
  )
  const together = [...digests].flatMap(([channel, { deliveries, later }]) => {
    const parts = deliveries.filter((delivery) => claimed.has(delivery))
    const [first] = parts
    const startAt = first && starts.get(first)
    return startAt === undefined ? [] : [{ channel, startAt, parts, inDigest: true, later }]
  })
  return [...singles, ...together]
}

async function send(
  messenger: Messenger,
  message: Message,
  open: readonly Incident[],
): Promise<AlertOutcome> {
  const { channels, notify, clock } = messenger
  const { channel: name, startAt } = message
  const channel = Object.hasOwn(channels, name) ? channels[name] : undefined
  // It was taken out of the network file while it was owed something: nobody will ever be told by it.
  if (!channel) return { kind: 'refused' }
  const waitMs = startAt - clock.now()
  if (waitMs > 0) await clock.sleep(waitMs)
  try {
    const told = await say(messenger, channel, message, open)
    return { kind: 'delivered', ...(typeof told === 'string' && { message: told }) }
  } catch (error) {
    const where = `alert channel ${name}`
    notify({ kind: 'trouble', at: clock.now(), where, message: messageOf(error) })
    const outcome = outcomeOfError(error)
    if (outcome.kind === 'failed' && outcome.retryAfterMs !== undefined)
      await rest(messenger, name, outcome.retryAfterMs)
    return outcome
  }
}

async function say(
  { routing }: Messenger,
  channel: AlertChannel,
  { channel: name, startAt, parts, inDigest, later }: Message,
  open: readonly Incident[],
): Promise<string | void> {
  const alerts = parts.map(({ alert }) => alert)
  const [only] = alerts
  if (!inDigest && only) return await channel.deliver(only)
  const ended = parts.filter(({ alert, digested }) => digested && alert.state === 'resolved').length
  const before = open.reduce((sum, incident) => sum + digestedOpen(incident, name), 0)
  const begins = alerts.some(({ state }) => state !== 'resolved')
  const anyOpen = begins || before > ended
  return await channel.digest(
    digestOf(alerts, { channel: name, network: routing.network, at: startAt, anyOpen, later }),
  )
}

/** Tries for a row that another worker changes at the same time. */
const maxTries = 3

/** What a service asks for counts for all that it would be told. Where that cannot be stored, each message waits for itself. */
async function rest(messenger: Messenger, channel: string, ms: number): Promise<void> {
  const { desk, rules, clock, notify } = messenger
  if (!Object.hasOwn(rules, channel)) return
  try {
    for (let tries = 0; tries < maxTries; tries += 1) {
      const before = (await desk.pace(channel)) ?? freshPace(channel)
      if ((await desk.writePace(rested(before, ms, clock.now()))) === 'written') return
    }
  } catch (error) {
    const where = `pace of alert channel ${channel}`
    notify({ kind: 'trouble', at: clock.now(), where, message: messageOf(error) })
  }
}
