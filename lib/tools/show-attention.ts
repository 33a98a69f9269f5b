import { randomBytes } from 'node:crypto'
import process from 'node:process'

import { acknowledgementOf, deadlinesIn, silenceOf } from '../domain/attention.ts'
import type { Incident } from '../domain/incident.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Store } from '../ports.ts'
import { compose } from '../runtime/compose.ts'
import { wallClock } from '../runtime/wall-clock.ts'
import { acknowledge, addSilence, endSilence } from './attend.ts'
import { incidentLines, type IncidentSeen, silenceLines } from './attention-lines.ts'
import type { AckOptions, AttentionOptions, SilenceOptions } from './attention.ts'
import { durationText } from './duration.ts'
import { readNetwork } from './read-network.ts'
import { fromStore } from './silent-store.ts'

/** Whoever only looks, or decides, needs no secret. */
const nothing = { oracles: false, senders: false, alerts: false, watched: false }

/** Prints what is open, and answers the exit code. */
export async function showIncidents(
  options: AttentionOptions & { readonly limit: number },
): Promise<number> {
  return await inStore(options, async (store, now) => {
    const { incidents, silences } = await seen(store, now)
    const some = incidents.slice(0, options.limit)
    print(options, { incidents: some, silences }, incidentLines(some, silences, now))
  })
}

/** Prints whose it is now. */
export async function showAcknowledged(
  rule: string,
  subject: string,
  options: AckOptions,
): Promise<number> {
  const { for: forMs, note, by } = options
  return await inStore(options, async (store, now) => {
    const one = await acknowledge(store, { rule, subject, note, by, now, forMs })
    print(options, one, [`${rule} of ${subject} is ${by}'s for ${durationText(forMs)}`])
  })
}

/** Prints what is silenced. */
export async function showSilences(options: AttentionOptions): Promise<number> {
  return await inStore(options, async ({ desk }, now) => {
    const silences = await desk.silences()
    print(options, { silences }, silenceLines(silences, now))
  })
}

/** Prints what is silenced now, and what it leaves out. */
export async function showSilenced(
  options: SilenceOptions & { readonly for: number; readonly reason: string },
): Promise<number> {
  const { rule, subject, for: forMs, reason, by, deadlines = false } = options
  const match = {
    ...(rule === undefined ? {} : { rule }),
    ...(subject === undefined ? {} : { subject }),
  }
  return await inStore(options, async (store, now) => {
    // Short enough to be typed; twenty bits for the few that stand at once.
    const id = randomBytes(3).toString('hex')
    const silence = await addSilence(store, { id, match, deadlines, reason, by, now, forMs })
    const left = deadlinesIn(silence)
    print(options, { ...silence, stillTold: left }, [
      ...silenceLines([silence], now),
      ...(left.length === 0
        ? []
        : [`${left.join(', ')} are told all the same, since they count down to a deadline`]),
    ])
  })
}

/** Ends a silence, and says so. */
export async function showEnded(id: string, options: AttentionOptions): Promise<number> {
  return await inStore(options, async (store, now) => {
    const silence = await endSilence(store, id, now)
    print(options, silence, [`silence ${id} is over`])
  })
}

async function seen(store: Store, now: Timestamp) {
  const { desk, incidents } = store
  const [all, silences, acknowledgements] = await Promise.all([
    incidents.open(),
    desk.silences(),
    desk.acknowledgements(),
  ])
  const attention = { silences, acknowledgements }
  const standing = all.filter(({ state }) => state !== 'resolved').toSorted(worstFirst)
  return {
    silences,
    incidents: standing.map((incident): IncidentSeen => {
      const { rule, subject, severity, state, summary, since, channels } = incident
      return {
        rule,
        subject,
        severity,
        state,
        summary,
        since,
        told: Object.entries(channels).flatMap(([name, record]) =>
          record.told === 'nothing' ? [] : [name],
        ),
        acknowledgement: acknowledgementOf(incident, attention, now),
        silence: silenceOf(incident, attention, now),
      }
    }),
  }
}

const ranks = { critical: 0, warning: 1, info: 2 }

function worstFirst(one: Incident, other: Incident): number {
  return rankOf(one) - rankOf(other) || one.since - other.since
}

function rankOf({ state, severity }: Incident): number {
  return ranks[severity] + (state === 'open' ? 0 : 3)
}

async function inStore(
  { network: file }: AttentionOptions,
  act: (store: Store, now: Timestamp) => Promise<void>,
): Promise<number> {
  const { network, directory } = await readNetwork(file)
  const world = await compose({ network, directory, clock: wallClock, needs: nothing })
  try {
    await fromStore(world, file, async () => act(world.ports.store, wallClock.now()))
    return 0
  } finally {
    await world.close()
  }
}

function print({ json }: AttentionOptions, value: unknown, lines: readonly string[]): void {
  process.stdout.write(`${json ? JSON.stringify(value) : lines.join('\n')}\n`)
}
