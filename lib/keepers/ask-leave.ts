import { type ChannelPace, freshPace, isOut, type Leave, leaveFor } from '../domain/channel-pace.ts'
import { type Delivery, namedChannels } from '../domain/incident-deliveries.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Messenger } from './deliver-alerts.ts'

type DigestLeave = NonNullable<Leave['digest']>

/** When each message begins, alone or as a part of one. */
export type LeaveForAll = {
  readonly starts: ReadonlyMap<Delivery, Timestamp>
  /** In one message for each channel. */
  readonly digests: ReadonlyMap<string, Pick<DigestLeave, 'deliveries' | 'later'>>
  readonly held: ReadonlySet<Delivery>
}

/** Which channels have asked to be left alone, and which want to be reminded. */
export async function lookAtChannels({ desk, routing, channels, rules, clock }: Messenger) {
  const names = [...namedChannels(routing)].filter((name) => Object.hasOwn(channels, name))
  const paces = await Promise.all(names.map(async (name) => await desk.pace(name)))
  const now = clock.now()
  const out = new Set(names.filter((_, at) => isOutNow(paces[at], now)))
  const remindMs = Object.fromEntries(
    Object.entries(rules).flatMap(([name, { remindMs: after }]) =>
      after === undefined ? [] : [[name, after]],
    ),
  )
  return { out, remindMs }
}

function isOutNow(pace: ChannelPace | undefined, now: Timestamp): boolean {
  return pace !== undefined && isOut(pace, now)
}

/** Each channel's row decides, whichever worker asks; it is written before anything is sent. */
export async function askLeave(
  messenger: Messenger,
  due: readonly Delivery[],
  now: Timestamp,
): Promise<LeaveForAll> {
  const byChannel = Map.groupBy(due, ({ channel }) => channel)
  const leaves = await Promise.all(
    [...byChannel].map(async ([channel, all]) => await leaveOf(messenger, channel, all, now)),
  )
  return {
    starts: new Map(leaves.flatMap(({ starts }) => starts)),
    digests: new Map(leaves.flatMap(({ digest }) => digest)),
    held: new Set(leaves.flatMap(({ held }) => held)),
  }
}

/** Tries for a row that another worker changes at the same time. */
const maxTries = 5

async function leaveOf(
  { desk, rules }: Messenger,
  channel: string,
  due: readonly Delivery[],
  now: Timestamp,
) {
  const own = Object.hasOwn(rules, channel) ? rules[channel] : undefined
  if (!own) return { starts: due.map((one) => [one, now] as const), digest: [], held: [] }
  for (let tries = 0; tries < maxTries; tries += 1) {
    const before = (await desk.pace(channel)) ?? freshPace(channel)
    const { singles, digest, held, pace } = leaveFor(due, before, own, now)
    if (pace !== before && (await desk.writePace(pace)) === 'stale') continue
    const together = digest?.deliveries.map((one) => [one, digest.startAt] as const) ?? []
    return {
      starts: [
        ...singles.map(({ delivery, startAt }) => [delivery, startAt] as const),
        ...together,
      ],
      digest: digest ? [[channel, digest] as const] : [],
      held,
    }
  }
  // Others send there all the time: the next look has its turn.
  return { starts: [], digest: [], held: [] }
}
