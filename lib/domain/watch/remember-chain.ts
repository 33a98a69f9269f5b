import type { Timestamp } from '../time.ts'
import type { WatchParameters } from './parameters.ts'
import type { ChainMemory, PlaceMemory, Retreat, SeenHead } from './system-memory.ts'
import type { HeadSight } from './system-sight.ts'

/** A chain after one more look, from all places that were asked. */
export function rememberChain(
  known: ChainMemory | undefined,
  { at, heads }: { readonly at: Timestamp; readonly heads: readonly HeadSight[] },
  numbers: WatchParameters,
): ChainMemory {
  const places = Object.fromEntries(heads.map((head) => [head.place, placeAfter(known, head, at)]))
  const answered = heads.flatMap(({ answer }) => (answer.kind === 'head' ? [answer] : []))
  const highest = answered.reduce<(typeof answered)[number] | undefined>(
    (most, one) => (most && most.number >= one.number ? most : one),
    undefined,
  )
  const before = known?.newest
  const newest: SeenHead | undefined = highest
    ? { number: highest.number, hash: highest.hash, time: highest.time }
    : before
  const isNew = newest?.number !== before?.number || newest?.hash !== before?.hash
  const emptySince = emptyAfter(known, answered, at)
  const numbersSeen = answered.map(({ number }) => number)
  const isApart = Math.max(...numbersSeen) - Math.min(...numbersSeen) > numbers.apartBlocks
  return {
    places,
    newest,
    newestAt: known && !isNew ? known.newestAt : at,
    blockMs: blockTimes(known, newest, numbers),
    ...(emptySince !== undefined && { emptySince }),
    ...(isApart && { apartSince: known?.apartSince ?? at }),
    retreats: [
      ...(known?.retreats ?? []).filter((one) => at - one.at < numbers.retreatToldMs),
      ...retreatsIn(known, heads, at, numbers),
    ],
  }
}

function placeAfter(
  known: ChainMemory | undefined,
  { place, answer }: HeadSight,
  at: Timestamp,
): PlaceMemory {
  const before = known?.places[place]
  if (answer.kind === 'head') {
    const { number, hash, time } = answer
    return { head: { number, hash, time } }
  }
  const since = before?.trouble?.since ?? at
  return { head: before?.head, trouble: { since, reason: answer.reason } }
}

/** Of the blocks since the last look, by the chain's own times. */
function blockTimes(
  known: ChainMemory | undefined,
  newest: SeenHead | undefined,
  { headSamples }: WatchParameters,
): readonly number[] {
  const before = known?.blockMs ?? []
  const last = known?.newest
  if (!last || !newest || newest.number <= last.number || newest.time < last.time) return before
  const each = (newest.time - last.time) / (newest.number - last.number)
  return [...before, Math.round(each)].slice(-headSamples)
}

function emptyAfter(
  known: ChainMemory | undefined,
  answered: readonly { readonly transactions?: number }[],
  at: Timestamp,
): Timestamp | undefined {
  const counts = answered.flatMap(({ transactions }) => transactions ?? [])
  if (counts.length === 0) return answered.length === 0 ? known?.emptySince : undefined
  return counts.some((count) => count > 0) ? undefined : (known?.emptySince ?? at)
}

/** Blocks that a place has no longer: replaced by others, or further down than a lagging node would be. */
function retreatsIn(
  known: ChainMemory | undefined,
  heads: readonly HeadSight[],
  at: Timestamp,
  numbers: WatchParameters,
): readonly Retreat[] {
  const last = known?.newest
  if (!last) return []
  return heads.flatMap(({ place, answer }) => {
    if (answer.kind !== 'head') return []
    const { remembered } = answer
    // A place that never had that block did not lose it.
    const had = known.places[place]?.head
    if (remembered?.number === last.number) {
      const replaced = remembered.hash !== undefined && !sameHash(remembered.hash, last.hash)
      const to = { number: last.number, hash: remembered.hash ?? '' }
      if (replaced && had && had.number >= last.number) return [{ at, place, from: last, to }]
    }
    if (!had || answer.number >= had.number - numbers.retreatBlocks) return []
    return [{ at, place, from: had, to: { number: answer.number, hash: answer.hash } }]
  })
}

/** Nodes write the same number with and without leading zeros. */
function sameHash(one: string, other: string): boolean {
  return plain(one) === plain(other)
}

function plain(hash: string): string {
  return hash.toLowerCase().replace(/^0x0*/, '')
}
