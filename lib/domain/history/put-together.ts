import { BrokenBytesError } from './bytes.ts'
import { type ColumnReader, readText, readWholes } from './columns.ts'
import { kinds, lastEntry, nowKey } from './kinds.ts'
import { type QuotePrints, quotePrints } from './quote-prints.ts'
import { type RecalledTimes, recalledTimes } from './recalled-times.ts'
import { readTexts } from './text-column.ts'

/** In one place; a file with as many would be too large to be written. */
const mostValues = 20_000_000

/** The next value of one place. */
type Next = () => unknown

/** Reads what {@link takeApart} wrote: `count` values, in their order. */
export function putTogether(reader: ColumnReader, count: number): () => unknown {
  const prints = quotePrints()
  const times = recalledTimes<number>()
  const next = readPlace({ ...reader, prints, times, places: { count: 0 } }, count)
  return () => {
    prints.turn()
    times.turn()
    return next()
  }
}

type PlaceReader = ColumnReader & {
  readonly prints: QuotePrints
  readonly times: RecalledTimes<number>
  /** That were read yet; each is told by its number. */
  readonly places: { count: number }
}

function readPlace(reader: PlaceReader, count: number): Next {
  if (count > mostValues) throw new BrokenBytesError('there are more values than were ever written')
  const { prints, times, places } = reader
  const own = places.count
  places.count += 1
  const each = readWholes(reader, count)
  const counts = countsOf(each)
  const many = (kind: number): number => counts.get(kind) ?? 0
  const wholes = listNext(readWholes(reader, many(kinds.whole)))
  const numbers = listNext(readTexts(reader, many(kinds.number)))
  const texts = listNext(readTexts(reader, many(kinds.text)))
  const raw = listNext(readTexts(reader, many(kinds.raw)))
  const names = listNext(readTexts(reader, many(kinds.print)))
  const recalled = listNext(readWholes(reader, many(kinds.again) + many(kinds.ago)))
  const json = many(kinds.json) > 0 ? readPlace(reader, many(kinds.json)) : nothing
  const object = readObjects(reader, many(kinds.object))
  const entries = readEntries(reader, many(kinds.entries))
  const named = readNamed(reader, many(kinds.named))
  const list = readLists(reader, many(kinds.list))
  const long = readLong(reader, many(kinds.long))

  function nextOf(kind: number): Next {
    switch (kind) {
      case kinds.null:
        return () => null
      case kinds.false:
        return () => false
      case kinds.true:
        return () => true
      case kinds.whole:
        return () => {
          const value = wholes()
          times.see(value, own)
          return value
        }
      case kinds.number:
        return () => Number(numbers())
      case kinds.text:
        return texts
      case kinds.json:
        return () => JSON.stringify(json())
      case kinds.object:
        return object
      case kinds.entries:
        return entries
      case kinds.named:
        return named
      case kinds.list:
        return list
      case kinds.long:
        return long
      case kinds.print:
        return () => known(prints.printOf(names()), 'a quote')
      case kinds.again:
        return () => known(times.at(recalled()), 'a time')
      case kinds.ago:
        return () => known(times.since(recalled()), 'a time')
      case kinds.raw:
        return () => JSON.parse(raw()) as unknown
      default:
        throw new BrokenBytesError(`there is no kind ${kind} of value`)
    }
  }

  const nexts = new Map([...counts.keys()].map((kind) => [kind, nextOf(kind)]))
  const [only] = nexts.values()
  if (only && nexts.size === 1) return only
  const kindNext = listNext(each)
  return () => known(nexts.get(kindNext()), 'a kind')()
}

function readObjects(reader: PlaceReader, count: number): Next {
  if (count === 0) return nothing
  const { lists, each } = readShapes(reader, count)
  const shapes = membersOf(reader, lists, each)
  const shapeNext = listNext(each)
  return () => {
    const members = shapes[shapeNext()] ?? []
    const value: Record<string, unknown> = {}
    for (const { name, next } of members) {
      const one = next()
      if (name === nowKey) reader.times.isNow(one)
      setOwn(value, name, one)
    }
    reader.prints.see(value)
    return value
  }
}

/** A property of its own, whatever its name. */
function setOwn(value: Record<string, unknown>, name: string, one: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(value, name, {
      value: one,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  else value[name] = one
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new BrokenBytesError(`${what} that was there before is not`)
  return value
}

function readEntries(reader: PlaceReader, count: number): Next {
  const counts = readWholes(reader, count)
  const places = placesIn(counts, lastEntry).map((many) => ({
    keys: readPlace(reader, many),
    values: readPlace(reader, many),
  }))
  const countNext = listNext(counts)
  return () => {
    const length = countNext()
    return Object.fromEntries(
      Array.from({ length }, (_, index): [string, unknown] => {
        const place = places[Math.min(length - 1 - index, lastEntry)]
        return [String(place?.keys()), place?.values()]
      }),
    )
  }
}

function readNamed(reader: PlaceReader, count: number): Next {
  if (count === 0) return nothing
  const { lists, each } = readShapes(reader, count)
  const orders = listNext(readTexts(reader, count))
  const shapes = membersOf(reader, lists, each)
  const shapeNext = listNext(each)
  return () => {
    const members = shapes[shapeNext()] ?? []
    const order = orders()
    return Array.from({ length: order.length }, (_, index) => {
      const member = members[order.charCodeAt(index)]
      if (!member) throw new BrokenBytesError('a list has more members than names')
      return member.next()
    })
  }
}

function readLists(reader: PlaceReader, count: number): Next {
  const counts = readWholes(reader, count)
  const members = placesIn(counts, Infinity).map((many) => readPlace(reader, many))
  const countNext = listNext(counts)
  return () => Array.from({ length: countNext() }, (_, index) => members[index]?.())
}

function readLong(reader: PlaceReader, count: number): Next {
  const counts = readWholes(reader, count)
  const all = counts.reduce((sum, one) => sum + one, 0)
  const next = all > 0 ? readPlace(reader, all) : nothing
  const countNext = listNext(counts)
  return () => Array.from({ length: countNext() }, () => next())
}

/** How many values each place of lists of these lengths has; from `last` on they share one. */
function placesIn(counts: readonly number[], last: number): readonly number[] {
  const longest = counts.reduce((most, one) => Math.max(most, one), 0)
  return Array.from({ length: Math.min(longest, last + 1) }, (_, index) =>
    index === last
      ? counts.reduce((sum, one) => sum + Math.max(0, one - last), 0)
      : counts.filter((one) => one > index).length,
  )
}

type Member = { readonly name: string; readonly next: Next }

function readShapes(
  reader: PlaceReader,
  count: number,
): { readonly lists: readonly (readonly string[])[]; readonly each: readonly number[] } {
  const lists: (readonly string[])[] = []
  const size = reader.numbers.varint()
  while (lists.length < size) lists.push(readNames(reader))
  return { lists, each: readWholes(reader, count) }
}

/** Of each set of names its members, which those of the same name share. */
function membersOf(
  reader: PlaceReader,
  lists: readonly (readonly string[])[],
  each: readonly number[],
): readonly (readonly Member[])[] {
  const times = countsOf(each)
  const visits = new Map<string, number>()
  for (const [index, names] of lists.entries())
    for (const name of names) visits.set(name, (visits.get(name) ?? 0) + (times.get(index) ?? 0))
  const members = new Map<string, Member>()
  for (const [name, many] of visits) members.set(name, { name, next: readPlace(reader, many) })
  return lists.map((names) => names.map((name) => members.get(name) ?? { name, next: nothing }))
}

function readNames(reader: PlaceReader): readonly string[] {
  const names: string[] = []
  const size = reader.numbers.varint()
  while (names.length < size) names.push(readText(reader))
  return names
}

function countsOf(values: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

function listNext<T>(list: readonly T[]): () => T {
  let place = 0
  return () => {
    const value = list[place]
    if (value === undefined) throw new BrokenBytesError('a column ends too early')
    place += 1
    return value
  }
}

function nothing(): never {
  throw new BrokenBytesError('a column is missing')
}
