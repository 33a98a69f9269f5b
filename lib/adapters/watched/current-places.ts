import type { Timestamp } from '../../domain/time.ts'
import type { HeadSight } from '../../domain/watch/system-sight.ts'
import type { Told } from './ask-places.ts'

/** A node that stands still tells of a chain as it was: it must not be believed in how it is. */
const mostBehindMs = 90_000

/** Clocks differ; a block of an hour from now is nobody's newest. */
const mostAheadMs = 60_000

type HeadAnswer = Extract<HeadSight['answer'], { readonly kind: 'head' }>
export type CurrentHead = { readonly place: string; readonly answer: HeadAnswer }

/** The heads of nodes that go on, newest first: all but those whose newest block is much older than that of others. */
export function currentHeads(heads: readonly HeadSight[], now: Timestamp): readonly CurrentHead[] {
  const told = heads.flatMap(({ place, answer }) =>
    answer.kind === 'head' ? [{ place, answer }] : [],
  )
  const times = told.map(({ answer }) => answer.time)
  const likely = times.filter((time) => time <= now + mostAheadMs)
  const newest = Math.max(...(likely.length > 0 ? likely : times))
  const most = likely.length > 0 ? now + mostAheadMs : Number.POSITIVE_INFINITY
  return told
    .filter(({ answer: { time } }) => time >= newest - mostBehindMs && time <= most)
    .toSorted((one, other) => other.answer.number - one.answer.number)
}

/** Those places first, then the others, for where none of them answers. */
export function currentFirst<Place extends { readonly place: string }>(
  places: readonly Place[],
  heads: readonly HeadSight[],
  now: Timestamp,
): readonly Place[] {
  const order = currentHeads(heads, now).map(({ place }) => place)
  const rank = ({ place }: Place) => (order.includes(place) ? order.indexOf(place) : order.length)
  return places.toSorted((one, other) => rank(one) - rank(other))
}

/** What nodes that go on told; where none of them told anything, what the others did. */
export function toldByCurrent<T>(
  told: readonly Told<T>[],
  heads: readonly HeadSight[],
  now: Timestamp,
): readonly Told<T>[] {
  const current = new Set(currentHeads(heads, now).map(({ place }) => place))
  const some = told.filter(({ place }) => current.has(place))
  return some.length > 0 ? some : told
}
