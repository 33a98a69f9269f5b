import type { Timestamp } from '../time.ts'
import type { WatchParameters } from './parameters.ts'
import type { ChainMemory, PlaceMemory, Retreat, SeenHead } from './system-memory.ts'
import type { HeadSight, UnseenPart } from './system-sight.ts'

/** A chain after one more look, from all places that were asked. */
export function rememberChain(
  known: ChainMemory | undefined,
  {
    at,
    heads,
    unseen,
  }: {
    readonly at: Timestamp
    readonly heads: readonly HeadSight[]
    /** What they tell differently. */
    readonly unseen: readonly UnseenPart[]
  },
  numbers: WatchParameters,
): ChainMemory {
  const places = Object.fromEntries(heads.map((head) => [head.place, placeAfter(known, head, at)]))
  const answered = heads.flatMap(({ answer }) => (answer.kind === 'head' ? [answer] : []))
  const highest = answered.reduce<(typeof answered)[number] | undefined>(
    (most, one) => (most && most.number >= one.number ? most : one),
    undefined,
  )
  const before = known?.agreed
  const told = toldOf(before, heads)
  const isApart = spread(answered) > numbers.apartBlocks || (told.same && told.other !== undefined)
  const retreat = isApart ? undefined : retreatOf(before, told, { at, highest, numbers })
  const agreed = isApart || !highest ? before : agreedAfter(before, headOf(highest), retreat)
  const newest = newestAfter(known, highest && headOf(highest), numbers)
  const emptySince = emptyAfter(known, answered, at)
  return {
    places,
    newest,
    agreed,
    paces: pacesAfter(known, agreed, at, numbers),
    ...(emptySince !== undefined && { emptySince }),
    ...(isApart && { apartSince: known?.apartSince ?? at }),
    ...(unseen[0] && {
      toldApart: { since: known?.toldApart?.since ?? at, what: unseen[0].reason },
    }),
    retreats: [
      ...(known?.retreats ?? []).filter((one) => at - one.at < numbers.retreatToldMs),
      ...(retreat ? [retreat] : []),
    ],
  }
}

function headOf({ number, hash, time }: SeenHead): SeenHead {
  return { number, hash, time }
}

/** Of a node that lags a little nothing is to be learnt: what was seen is asked for again. */
function agreedAfter(
  before: SeenHead | undefined,
  highest: SeenHead,
  retreat: Retreat | undefined,
): SeenHead {
  return before && !retreat && highest.number < before.number ? before : highest
}

/** The highest that is told, but for one node's lag. What was told while places were apart may never have been. */
function newestAfter(
  known: ChainMemory | undefined,
  highest: SeenHead | undefined,
  { retreatBlocks }: WatchParameters,
): SeenHead | undefined {
  const before = known?.newest
  if (!before || !highest) return highest ?? before
  const behind = before.number - highest.number
  return behind > 0 && behind <= retreatBlocks ? before : highest
}

/** What places have now at the number of the block that was remembered: that one, or another one. */
type Told = {
  readonly same: boolean
  readonly other: { readonly place: string; readonly hash: string } | undefined
  readonly lowest:
    | { readonly place: string; readonly number: number; readonly hash: string }
    | undefined
}

function toldOf(before: SeenHead | undefined, heads: readonly HeadSight[]): Told {
  const answers = heads.flatMap(({ place, answer }) =>
    answer.kind === 'head' ? [{ place, ...answer }] : [],
  )
  const asked = answers.flatMap(({ place, remembered }) =>
    remembered?.hash !== undefined && remembered.number === before?.number
      ? [{ place, hash: remembered.hash }]
      : [],
  )
  const [other] = asked.filter(({ hash }) => before && !sameHash(hash, before.hash))
  const [lowest] = answers.toSorted((one, next) => one.number - next.number)
  return {
    same: asked.some(({ hash }) => before && sameHash(hash, before.hash)),
    other,
    lowest,
  }
}

/** The block is another one for all who were asked, or the chain is further back than nodes lag. */
function retreatOf(
  before: SeenHead | undefined,
  { same, other, lowest }: Told,
  {
    at,
    highest,
    numbers,
  }: {
    readonly at: Timestamp
    readonly highest: SeenHead | undefined
    readonly numbers: WatchParameters
  },
): Retreat | undefined {
  if (!before || same) return undefined
  if (other) {
    const { place, hash } = other
    return { at, place, from: before, to: { number: before.number, hash } }
  }
  if (!highest || !lowest || before.number - highest.number <= numbers.retreatBlocks)
    return undefined
  const { place, number, hash } = lowest
  return { at, place, from: before, to: { number, hash } }
}

function spread(heads: readonly { readonly number: number }[]): number {
  const all = heads.map(({ number }) => number)
  return all.length === 0 ? 0 : Math.max(...all) - Math.min(...all)
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
function pacesAfter(
  known: ChainMemory | undefined,
  agreed: SeenHead | undefined,
  at: Timestamp,
  { headSamples }: WatchParameters,
): ChainMemory['paces'] {
  const before = known?.paces ?? []
  const last = known?.agreed
  if (!last || !agreed || agreed.number <= last.number || agreed.time < last.time) return before
  const ms = Math.round((agreed.time - last.time) / (agreed.number - last.number))
  return [...before, { at, ms }].slice(-headSamples)
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

/** Nodes write the same number with and without leading zeros. */
function sameHash(one: string, other: string): boolean {
  return plain(one) === plain(other)
}

function plain(hash: string): string {
  return hash.toLowerCase().replace(/^0x0*/, '')
}
