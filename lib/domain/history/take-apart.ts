import { type ColumnWriter, writeText, writeWholes } from './columns.ts'
import { isWhole } from './decimal-column.ts'
import { type Kind, kinds, lastEntry, nowKey } from './kinds.ts'
import { namesOf } from './names-of.ts'
import { quotePrints } from './quote-prints.ts'
import { recalledTimes } from './recalled-times.ts'
import { writeTexts } from './text-column.ts'

/** Deeper than anything that keepers see; what is deeper stays as it is. */
const mostDepth = 100

/** Lists up to this length have a column for each place. */
const shortList = 64

/** Objects at one place have no more sets of keys than this, unless their keys are values. */
const mostShapes = 64

/** Names that come and go, such as accounts, are no columns: at most so many more than a list has members. */
const mostNewNames = 64

/** Places in all, each of which costs a little. */
const mostPlaces = 500_000

/** A key that is a number of this length is a value: a time, a slot. */
const longNumber = /^-?\d{5,}$/

/** Shorter texts are no JSON that would be worth taking apart. */
const shortestJson = 8

/** One place in all values that were taken apart, and what stood there each time. */
type Place = {
  readonly kinds: Kind[]
  readonly wholes: number[]
  readonly numbers: string[]
  readonly texts: string[]
  readonly raw: string[]
  // Most places have none of these, and there are many places.
  prints?: string[]
  /** Of those that are recalled, where they stood. */
  recalled?: Place[]
  json?: Place
  objects?: Shapes
  entries?: Entries
  named?: Named
  list?: List
  long?: Long
}

type Entries = { readonly counts: number[]; readonly keys: Place[]; readonly values: Place[] }

type Named = Shapes & { readonly orders: string[] }

type List = { readonly counts: number[]; readonly members: Place[] }

type Long = { readonly counts: number[]; readonly member: Place }

/** Sets of keys or names, each time which, and a place for each key or name. */
type Shapes = {
  readonly known: Map<string, number>
  readonly lists: (readonly string[])[]
  readonly each: number[]
  readonly members: Map<string, Place>
}

export type TakenApart = {
  /** Plain JSON data; the same values come back, in the same order, with their keys in their order. */
  add(value: unknown): void
  /** How many were added. */
  count(): number
  write(writer: ColumnWriter): void
}

/** Takes values apart, so that what stands in one place of all of them comes together. */
export function takeApart(): TakenApart {
  let places = 0
  let count = 0

  function newPlace(): Place {
    places += 1
    return { kinds: [], wholes: [], numbers: [], texts: [], raw: [] }
  }

  const root = newPlace()
  const prints = quotePrints()
  const times = recalledTimes<Place>()

  function add(place: Place, value: unknown, depth: number): void {
    if (value === null) place.kinds.push(kinds.null)
    else if (typeof value === 'boolean') place.kinds.push(value ? kinds.true : kinds.false)
    else if (typeof value === 'number') addNumber(place, value)
    else if (typeof value === 'string') addText(place, value, depth)
    else if (depth > mostDepth || places > mostPlaces) addRaw(place, value)
    else if (Array.isArray(value)) addList(place, value, depth)
    else addObject(place, value as Readonly<Record<string, unknown>>, depth)
  }

  function addNumber(place: Place, value: number): void {
    if (!isWhole(value)) {
      place.kinds.push(kinds.number)
      place.numbers.push(Object.is(value, -0) ? '-0' : JSON.stringify(value))
      return
    }
    const again = times.placeOf(value)
    const known = again ?? times.placeAgo(value)
    if (known) {
      place.kinds.push(again ? kinds.again : kinds.ago)
      ;(place.recalled ??= []).push(known)
      return
    }
    place.kinds.push(kinds.whole)
    place.wholes.push(value)
    times.see(value, place)
  }

  function addText(place: Place, text: string, depth: number): void {
    const name = prints.nameOf(text)
    if (name !== undefined) {
      place.kinds.push(kinds.print)
      ;(place.prints ??= []).push(name)
      return
    }
    const value = depth > mostDepth ? undefined : jsonIn(text)
    if (value === undefined) {
      place.kinds.push(kinds.text)
      place.texts.push(text)
      return
    }
    place.kinds.push(kinds.json)
    place.json ??= newPlace()
    add(place.json, value, depth + 1)
  }

  function addObject(place: Place, value: Readonly<Record<string, unknown>>, depth: number): void {
    const keys = Object.keys(value)
    if (!isShape(place.objects, keys)) {
      addEntries(place, value, depth)
      return
    }
    place.kinds.push(kinds.object)
    const objects = (place.objects ??= newShapes())
    objects.each.push(shapeOf(objects, keys))
    for (const key of keys) {
      add(member(objects, key), value[key], depth + 1)
      if (key === nowKey) times.isNow(value[key])
    }
    prints.see(value)
  }

  function addEntries(place: Place, value: Readonly<Record<string, unknown>>, depth: number): void {
    const { counts, keys, values } = (place.entries ??= { counts: [], keys: [], values: [] })
    const entries = Object.entries(value)
    place.kinds.push(kinds.entries)
    counts.push(entries.length)
    for (const [index, [key, one]] of entries.entries()) {
      // From the end: of times the newest are there again, whatever goes at the beginning.
      const at = Math.min(entries.length - 1 - index, lastEntry)
      const keyPlace = (keys[at] ??= newPlace())
      keyPlace.kinds.push(kinds.text)
      keyPlace.texts.push(key)
      add((values[at] ??= newPlace()), one, depth + 1)
    }
  }

  function addList(place: Place, list: readonly unknown[], depth: number): void {
    const names = namesOf(list)
    if (names && isKnown(place.named, names)) {
      addNamed(place, { list, names }, depth)
      return
    }
    if (list.length > shortList) {
      place.kinds.push(kinds.long)
      const { counts, member: all } = (place.long ??= { counts: [], member: newPlace() })
      counts.push(list.length)
      for (const one of list) add(all, one, depth + 1)
      return
    }
    place.kinds.push(kinds.list)
    const { counts, members } = (place.list ??= { counts: [], members: [] })
    counts.push(list.length)
    for (const [index, one] of list.entries()) add((members[index] ??= newPlace()), one, depth + 1)
  }

  function addNamed(
    place: Place,
    { list, names }: { readonly list: readonly unknown[]; readonly names: readonly string[] },
    depth: number,
  ): void {
    place.kinds.push(kinds.named)
    const named = (place.named ??= { ...newShapes(), orders: [] })
    const sorted = names.toSorted((one, other) => (one < other ? -1 : 1))
    named.each.push(shapeOf(named, sorted))
    const at = new Map(sorted.map((name, index) => [name, index]))
    named.orders.push(String.fromCharCode(...names.map((name) => at.get(name) ?? 0)))
    // In the order of their names, in which they are written.
    for (const name of sorted) member(named, name)
    for (const [index, one] of list.entries())
      add(member(named, names[index] ?? ''), one, depth + 1)
  }

  function member({ members }: Shapes, name: string): Place {
    const found = members.get(name) ?? newPlace()
    members.set(name, found)
    return found
  }

  return {
    add(value) {
      prints.turn()
      times.turn()
      add(root, value, 0)
      count += 1
    },

    count: () => count,

    write: (writer) => writePlace({ ...writer, numberOf: numbered(root) }, root),
  }
}

function newShapes(): Shapes {
  return { known: new Map(), lists: [], each: [], members: new Map() }
}

function shapeOf({ known, lists }: Shapes, names: readonly string[]): number {
  const name = JSON.stringify(names)
  const before = known.get(name)
  if (before !== undefined) return before
  known.set(name, lists.length)
  lists.push(names)
  return lists.length - 1
}

function isShape(shapes: Shapes | undefined, keys: readonly string[]): boolean {
  if (keys.some((key) => longNumber.test(key))) return false
  if (!shapes || shapes.known.size < mostShapes) return true
  return shapes.known.has(JSON.stringify(keys))
}

/** A network of hundreds of markets has thousands of sources; lists of more are of accounts, which come and go. */
const mostNames = 5_000

function isKnown(named: Named | undefined, names: readonly string[]): boolean {
  if (names.length > mostNames) return false
  if (!named) return true
  const fresh = names.filter((name) => !named.members.has(name)).length
  return named.members.size + fresh <= 2 * names.length + mostNewNames
}

function addRaw(place: Place, value: unknown): void {
  place.kinds.push(kinds.raw)
  place.raw.push(JSON.stringify(value))
}

/** What the text is in JSON, where exactly this text can be made of it again. */
function jsonIn(text: string): unknown {
  if (text.length < shortestJson || !/^[[{]/.test(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return JSON.stringify(value) === text ? value : undefined
  } catch {
    // No JSON, or deeper than the stack.
    return undefined
  }
}

type PlaceWriter = ColumnWriter & { readonly numberOf: ReadonlyMap<Place, number> }

/** Places in the order in which they are written. */
function numbered(root: Place): ReadonlyMap<Place, number> {
  const numbers = new Map<Place, number>()
  function number(place: Place): void {
    numbers.set(place, numbers.size)
    for (const one of placesIn(place)) number(one)
  }
  number(root)
  return numbers
}

function placesIn({ json, objects, entries, named, list, long }: Place): readonly Place[] {
  return [
    ...(json ? [json] : []),
    ...(objects?.members.values() ?? []),
    ...(entries?.keys.flatMap((keys, index) => [keys, entries.values[index] ?? []].flat()) ?? []),
    ...(named?.members.values() ?? []),
    ...(list?.members ?? []),
    ...(long && hasAny(long) ? [long.member] : []),
  ]
}

function hasAny({ counts }: Long): boolean {
  return counts.some((count) => count > 0)
}

/** Columns in the order in which they are read; how long each is follows from those before it. */
function writePlace(writer: PlaceWriter, place: Place): void {
  const { json, objects, entries, named, list, long } = place
  writeWholes(writer, place.kinds)
  writeWholes(writer, place.wholes)
  writeTexts(writer, place.numbers)
  writeTexts(writer, place.texts)
  writeTexts(writer, place.raw)
  writeTexts(writer, place.prints ?? [])
  writeWholes(
    writer,
    (place.recalled ?? []).map((one) => writer.numberOf.get(one) ?? 0),
  )
  if (json) writePlace(writer, json)
  if (objects) writeShapes(writer, objects)
  if (entries) {
    writeWholes(writer, entries.counts)
    for (const [index, keys] of entries.keys.entries()) {
      writePlace(writer, keys)
      const values = entries.values[index]
      if (values) writePlace(writer, values)
    }
  }
  if (named) writeNamed(writer, named)
  if (list) {
    writeWholes(writer, list.counts)
    for (const one of list.members) writePlace(writer, one)
  }
  if (long) {
    writeWholes(writer, long.counts)
    if (hasAny(long)) writePlace(writer, long.member)
  }
}

function writeNamed(writer: PlaceWriter, named: Named): void {
  const { each, lists, members, orders } = named
  writeLists(writer, lists)
  writeWholes(writer, each)
  writeTexts(writer, orders)
  for (const one of members.values()) writePlace(writer, one)
}

function writeShapes(writer: PlaceWriter, { each, lists, members }: Shapes): void {
  writeLists(writer, lists)
  writeWholes(writer, each)
  for (const one of members.values()) writePlace(writer, one)
}

function writeLists(writer: ColumnWriter, lists: readonly (readonly string[])[]): void {
  writer.numbers.varint(lists.length)
  for (const names of lists) {
    writer.numbers.varint(names.length)
    for (const name of names) writeText(writer, name)
  }
}
