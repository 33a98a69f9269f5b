import { Decimal } from './decimal.ts'

/**
 * JSON in which plain data survives exactly: a `bigint` as `{"$bigint":"1"}`, a `Decimal` as `{"$decimal":"1.5"}`, a `Map`
 * as `{"$map":[["key","value"]]}`, a `Set` as `{"$set":["member"]}` and zero below zero as `{"$number":"-0"}`.
 *
 * Keys come in a fixed order, so equal values give equal text; a map and a set keep the order of their own. A property
 * that is `undefined` is left out, and reads back as `undefined`; of a member of a map that is, there is the key alone. What
 * JSON would silently change (NaN, infinities, holes in a list) is refused.
 *
 * `known`: of values that have lists in common, or members of those lists, each is gone through once where they share one of these.
 */
export function encode(value: unknown, known?: KnownTexts): string {
  return textOf(value, { isSorted: true, known })
}

/** Of lists, and of what is in a list that is in no other one. */
export type KnownTexts = WeakMap<object, string>

/** The same with keys in their own order, for what is gone through key by key when it is read again. */
export function encodeInOrder(value: unknown): string {
  return textOf(value, { isSorted: false, known: undefined })
}

/** Reads what {@link encode} wrote; the caller knows what it wrote there. */
export function decode(text: string): unknown {
  return untagged(JSON.parse(text))
}

type How = {
  readonly isSorted: boolean
  readonly known: KnownTexts | undefined
  readonly isInList?: true
}

function textOf(value: unknown, how: How): string {
  switch (typeof value) {
    case 'bigint':
      return `{"$bigint":"${value}"}`
    case 'number':
      if (Object.is(value, -0)) return '{"$number":"-0"}'
      if (Number.isFinite(value)) return String(value)
      throw new NotStorableError(String(value))
    case 'string':
      return JSON.stringify(value)
    case 'boolean':
      return String(value)
    case 'object':
      return value === null ? 'null' : objectText(value, how)
    case 'undefined':
    case 'function':
    case 'symbol':
      throw new NotStorableError(typeof value)
  }
}

function objectText(value: object, how: How): string {
  if (Array.isArray(value)) return listText(value, how)
  if (Decimal.isDecimal(value)) return decimalText(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Map.prototype)
    return `{"$map":${pairsText(value as ReadonlyMap<unknown, unknown>, how)}}`
  if (prototype === Set.prototype)
    return `{"$set":${listText([...(value as ReadonlySet<unknown>)], how)}}`
  if (prototype !== Object.prototype && prototype !== null)
    throw new NotStorableError(value.constructor.name)
  const object = value as Readonly<Record<string, unknown>>
  const members: string[] = []
  for (const key of keysOf(object, how)) {
    const member = object[key]
    if (member !== undefined) members.push(`${JSON.stringify(escaped(key))}:${textOf(member, how)}`)
  }
  return `{${members.join(',')}}`
}

/** Numbers come first, by size, wherever a language has objects as JavaScript does. */
function keysOf(object: Readonly<Record<string, unknown>>, { isSorted }: How): readonly string[] {
  const keys = Object.keys(object)
  if (!isSorted) return keys
  const numbers = keys.findIndex((key) => !isNumber(key))
  if (numbers === 0) return keys.toSorted()
  if (numbers < 0) return keys
  // With the `$` that goes before those which look like tags all are in the same order.
  return [...keys.slice(0, numbers), ...keys.slice(numbers).toSorted()]
}

/** Whether objects have the key before all that are not. */
function isNumber(key: string): boolean {
  return /^(0|[1-9]\d{0,9})$/.test(key) && Number(key) < 2 ** 32 - 1
}

function listText(list: readonly unknown[], how: How): string {
  return knownText(list, how, () => {
    const inside: How = { ...how, isInList: true }
    const memberText = (member: unknown): string =>
      how.isInList || typeof member !== 'object' || member === null
        ? textOf(member, inside)
        : knownText(member, how, () => textOf(member, inside))
    // Not `map`, which passes over holes.
    return `[${Array.from(list, memberText).join(',')}]`
  })
}

function knownText(value: object, { known: all }: How, make: () => string): string {
  const before = all?.get(value)
  if (before !== undefined) return before
  const text = make()
  all?.set(value, text)
  return text
}

function pairsText(map: ReadonlyMap<unknown, unknown>, how: How): string {
  return listText(
    [...map].map(([key, member]) => (member === undefined ? [key] : [key, member])),
    how,
  )
}

function decimalText(value: Decimal): string {
  if (!value.isFinite()) throw new NotStorableError(value.toString())
  // `valueOf` and not `toString`: it keeps the sign of zero.
  return `{"$decimal":"${value.valueOf()}"}`
}

/** What `JSON.parse` has made, which nobody else holds: plain objects and lists stay the same ones. */
function untagged(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const list: unknown[] = value
    for (const [place, member] of list.entries())
      if (typeof member === 'object') list[place] = untagged(member)
    return list
  }
  const keys = Object.keys(value)
  if (keys.some((key) => key.startsWith('$'))) return ofTag(value)
  const object = value as Record<string, unknown>
  for (const key of keys) {
    const member = object[key]
    if (typeof member === 'object') object[key] = untagged(member)
  }
  return object
}

function ofTag(value: object): unknown {
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
