import { isWorse } from './alert.ts'
import type { Delivery } from './incident-deliveries.ts'
import { isQuiet, type QuietHours } from './quiet-hours.ts'
import { timestamp, type Timestamp } from './time.ts'

/** How much of what a channel is told, and when. */
export type ChannelRules = {
  /** Messages of any kind in a minute: what its service takes. */
  readonly mostPerMinute: number
  /** Messages about one incident in a minute, critical ones aside; the rest is told in one digest. */
  readonly singlesPerMinute: number
  /** Between the beginnings of two messages. */
  readonly gapMs: number
  /** Infos are gathered until a multiple of this, and told in one digest; 0: told at once. */
  readonly gatherInfoMs: number
  /** When warnings and infos wait; critical ones never do. */
  readonly quiet: readonly QuietHours[]
  /** What is open and nobody's is told again after so long; undefined: never. */
  readonly remindMs: number | undefined
}

/** What a channel has been told lately, by whichever worker. */
export type ChannelPace = {
  readonly channel: string
  /** Of the last minute's messages, and of those that somebody is about to send. */
  readonly starts: readonly Timestamp[]
  readonly digestAt: Timestamp | undefined
  /** Of the last digest with something critical in it. */
  readonly urgentDigestAt: Timestamp | undefined
  /** Its service asked to be left alone until then. */
  readonly restUntil: Timestamp | undefined
  /** Grows by one with every write. */
  readonly version: number
}

export const freshPace = (channel: string): ChannelPace => ({
  channel,
  starts: [],
  digestAt: undefined,
  urgentDigestAt: undefined,
  restUntil: undefined,
  version: 0,
})

/** What goes to a channel now, and what waits. */
export type Leave = {
  readonly singles: readonly { readonly delivery: Delivery; readonly startAt: Timestamp }[]
  readonly digest:
    | {
        readonly deliveries: readonly Delivery[]
        readonly startAt: Timestamp
        /** How many more are told in later ones. */
        readonly later: number
      }
    | undefined
  /** Told later, in a digest, also where it is over by then: those of which that is not yet stored, or some of them. */
  readonly held: readonly Delivery[]
  /** Stored before anything is sent; the same object where nothing is. */
  readonly pace: ChannelPace
}

const minuteMs = 60_000

/** Messages that would begin later than this are left to the next look. */
const roomMs = 10_000

/** Of `mostPerMinute`, kept for digests: one of whatever waits, and one more where something critical comes after it. */
const digestsPerMinute = 2

/** Each is a row to write before a function's time is over; what is beyond waits for the next digest. */
const mostTogether = 2_000

/** No service's wait is believed for longer. */
const maxRestMs = 5 * minuteMs

/**
 * Gives each of these messages to one channel its place: alone, in a digest, or later.
 *
 * The worst come first, and only they may use what is left of the minute beyond `singlesPerMinute`, so that none waits for
 * anything less. In any minute there are at most `mostPerMinute` messages, of which at most two are digests.
 */
export function leaveFor(
  due: readonly Delivery[],
  pace: ChannelPace,
  rules: ChannelRules,
  now: Timestamp,
): Leave {
  if (isResting(pace, now)) return { singles: [], digest: undefined, held: [], pace }
  const { true: waiting = [], false: ready = [] } = Object.groupBy(due, (delivery) =>
    mustWait(delivery, rules, now) ? 'true' : 'false',
  )
  return placed(ready.toSorted(worstFirst), waiting, { pace, rules, now })
}

/** Its service asked for it, and for longer than a message may wait. */
export function isOut(pace: ChannelPace, now: Timestamp): boolean {
  return isResting(pace, timestamp(now + roomMs))
}

/** The pace after the service asked to be left alone. */
export function rested(pace: ChannelPace, restMs: number, now: Timestamp): ChannelPace {
  const restUntil = timestamp(now + Math.min(Math.max(0, Math.ceil(restMs)), maxRestMs))
  return { ...pace, restUntil, version: pace.version + 1 }
}

function isResting({ restUntil }: ChannelPace, now: Timestamp): boolean {
  // A wait longer than any that is set comes from a clock that was wrong.
  return restUntil !== undefined && restUntil > now && restUntil - now <= maxRestMs + roomMs
}

/** Critical ones never do. */
function mustWait({ alert }: Delivery, rules: ChannelRules, now: Timestamp): boolean {
  const { severity, at } = alert
  if (severity === 'critical') return false
  if (isQuiet(rules.quiet, now)) return true
  const every = rules.gatherInfoMs
  return severity === 'info' && every > 0 && (Math.floor(at / every) + 1) * every > now
}

function worstFirst({ alert: one }: Delivery, { alert: other }: Delivery): number {
  if (isWorse(one.severity, other.severity)) return -1
  if (isWorse(other.severity, one.severity)) return 1
  // What is wrong before what is over.
  const over = Number(one.state === 'resolved') - Number(other.state === 'resolved')
  return over === 0 ? one.at - other.at : over
}

type Place = {
  readonly pace: ChannelPace
  readonly rules: ChannelRules
  readonly now: Timestamp
}

function placed(
  ready: readonly Delivery[],
  waiting: readonly Delivery[],
  { pace, rules, now }: Place,
): Leave {
  const turns = turnsOf(pace, rules, now)
  const singles: { readonly delivery: Delivery; readonly startAt: Timestamp }[] = []
  const together: Delivery[] = []
  for (const delivery of ready) {
    const critical = delivery.alert.severity === 'critical'
    const startAt = isGathered(delivery) ? undefined : turns.single(critical)
    if (startAt === undefined) together.push(delivery)
    else singles.push({ delivery, startAt })
  }
  const urgent = together.some(({ alert }) => alert.severity === 'critical')
  const [only] = together
  const startAt = only && mayDigest(pace, urgent, now) ? turns.digest() : undefined
  if (startAt === undefined) {
    const held = someHeld([...together, ...waiting])
    return { singles, digest: undefined, held, pace: singles.length > 0 ? turns.taken({}) : pace }
  }
  const after = turns.taken({ digestAt: now, ...(urgent ? { urgentDigestAt: now } : {}) })
  // One alone is told as itself, unless its beginning was told in a digest.
  if (only && together.length === 1 && !(only.digested && only.alert.state === 'resolved'))
    return {
      singles: [...singles, { delivery: only, startAt }],
      digest: undefined,
      held: someHeld(waiting),
      pace: after,
    }
  const deliveries = together.slice(0, mostTogether)
  const digest = { deliveries, startAt, later: together.length - deliveries.length }
  return { singles, digest, held: someHeld(waiting), pace: after }
}

/** Those that are not known to wait are rows to write, too. */
function someHeld(all: readonly Delivery[]): readonly Delivery[] {
  return all.filter(({ held }) => !held).slice(0, mostTogether)
}

/** What waited goes with the others that did, what is critical as soon as it can; an end is told where the beginning was. */
function isGathered({ held, digested, alert }: Delivery): boolean {
  if (digested && alert.state === 'resolved') return true
  return held === true && alert.severity !== 'critical'
}

function mayDigest({ digestAt, urgentDigestAt }: ChannelPace, urgent: boolean, now: Timestamp) {
  const past = (at: Timestamp | undefined) =>
    at === undefined || now - at >= minuteMs || at - now > minuteMs
  return past(digestAt) || (urgent && past(urgentDigestAt))
}

/** The minute's turns: each one that is taken is behind all before it. */
function turnsOf(pace: ChannelPace, rules: ChannelRules, now: Timestamp) {
  const taken = pace.starts.filter((at) => Math.abs(at - now) < minuteMs)
  const next = (most: number, room: number): Timestamp | undefined => {
    const last = taken.reduce((latest, at) => Math.max(latest, at), 0)
    const startAt = timestamp(Math.max(now, last === 0 ? now : last + rules.gapMs))
    if (taken.length >= most || startAt - now > room) return undefined
    taken.push(startAt)
    return startAt
  }
  const most = Math.max(1, rules.mostPerMinute - digestsPerMinute)
  return {
    single: (critical: boolean) =>
      next(critical ? most : Math.min(most, rules.singlesPerMinute), roomMs),
    // Behind the last single one.
    digest: () => next(rules.mostPerMinute, roomMs + rules.gapMs),
    taken: (change: Partial<ChannelPace>): ChannelPace => ({
      ...pace,
      ...change,
      starts: taken,
      version: pace.version + 1,
    }),
  }
}
