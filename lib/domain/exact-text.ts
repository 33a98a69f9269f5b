import { Decimal } from './decimal.ts'

/**
 * JSON in which plain data survives exactly: a `bigint` as `{"$bigint":"1"}`, a `Decimal` as `{"$decimal":"1.5"}`, a `Map`
 * as `{"$map":[["key","value"]]}`, a `Set` as `{"$set":["member"]}` and zero below zero as `{"$number":"-0"}`.
 *
 * Keys come in a fixed order, so equal values give equal text; a map and a set keep the order of their own. A property
 * that is `undefined` is left out, and reads back as `undefined`; of a member of a map that is, there is the key alone. What
 * JSON would silently change (NaN, infinities, holes in a list) is refused.
 */
export function encode(value: unknown): string {
  return JSON.stringify(tagged(value, sorted))
}

/** The same with keys in their own order, for what is gone through key by key when it is read again. */
export function encodeInOrder(value: unknown): string {
  return JSON.stringify(tagged(value, asTheyAre))
}

/** Reads what {@link encode} wrote; the caller knows what it wrote there. */
export function decode(text: string): unknown {
  return untagged(JSON.parse(text))
}

type Entry = readonly [string, unknown]

type Order = (entries: readonly Entry[]) => readonly Entry[]

const sorted: Order = (entries) => entries.toSorted(([one], [other]) => (one < other ? -1 : 1))

const asTheyAre: Order = (entries) => entries

function tagged(value: unknown, order: Order): unknown {
  switch (typeof value) {
    case 'bigint':
      return { $bigint: value.toString() }
    case 'number':
      if (Object.is(value, -0)) return { $number: '-0' }
      if (Number.isFinite(value)) return value
      throw new NotStorableError(String(value))
    case 'string':
    case 'boolean':
      return value
    case 'object':
      return value === null ? null : taggedObject(value, order)
    case 'undefined':
    case 'function':
    case 'symbol':
      throw new NotStorableError(typeof value)
  }
}

function taggedObject(value: object, order: Order): unknown {
  // Not `map`, which passes over holes.
  if (Array.isArray(value)) return Array.from(value, (member) => tagged(member, order))
  if (Decimal.isDecimal(value)) return taggedDecimal(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Map.prototype)
    return { $map: taggedPairs(value as ReadonlyMap<unknown, unknown>, order) }
  if (prototype === Set.prototype)
    return { $set: tagged([...(value as ReadonlySet<unknown>)], order) }
  if (prototype !== Object.prototype && prototype !== null)
    throw new NotStorableError(value.constructor.name)
  const entries = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]): Entry => [escaped(key), tagged(member, order)])
  return Object.fromEntries(order(entries))
}

function taggedPairs(map: ReadonlyMap<unknown, unknown>, order: Order): unknown {
  return [...map].map(([key, member]) =>
    tagged(member === undefined ? [key] : [key, member], order),
  )
}

function taggedDecimal(value: Decimal): unknown {
  if (!value.isFinite()) throw new NotStorableError(value.toString())
  // `valueOf` and not `toString`: it keeps the sign of zero.
  return { $decimal: value.valueOf() }
}

function untagged(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(untagged)
  if ('$bigint' in value) return BigInt(String(value.$bigint))
  if ('$decimal' in value) return new Decimal(String(value.$decimal))
  if ('$map' in value) return new Map(untagged(value.$map) as [unknown, unknown][])
  if ('$set' in value) return new Set(untagged(value.$set) as unknown[])
  if ('$number' in value) return Number(value.$number)
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [unescaped(key), untagged(member)]),
  )
}

/** A key of our own data that looks like a tag gets one more `$`. */
function escaped(key: string): string {
  return key.startsWith('$') ? `$${key}` : key
}

function unescaped(key: string): string {
  return key.startsWith('$') ? key.slice(1) : key
}

/** The value has no exact form as text. */
export class NotStorableError extends Error {
  override readonly name = 'NotStorableError'

  constructor(what: string) {
    super(`${what} cannot be stored exactly`)
  }
}
