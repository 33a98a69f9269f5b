import type { AttributeValue } from '@aws-sdk/client-dynamodb'

import { timestamp, type Timestamp } from '../../domain/time.ts'
import { unpack } from './packed.ts'
import type { Key } from './table.ts'

/** One row as DynamoDB holds it. */
export type Item = Readonly<Record<string, AttributeValue>>

export function text(value: string): AttributeValue {
  return { S: value }
}

export function whole(value: number): AttributeValue {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a whole number`)
  return { N: String(value) }
}

export function bytes(value: Uint8Array): AttributeValue {
  return { B: value }
}

/** What DynamoDB's TTL reads: unix seconds. */
export function ttl(at: Timestamp): AttributeValue {
  return whole(Math.ceil(at / 1000))
}

export function keyItem({ pk, sk }: Key): Item {
  return { pk: text(pk), sk: text(sk) }
}

export function keyOf(item: Item): Key {
  return { pk: item['pk']?.S ?? '', sk: item['sk']?.S ?? '' }
}

/** How errors name a row. */
export function rowName(item: Item): string {
  const { pk, sk } = keyOf(item)
  return `${pk} / ${sk}`
}

export function textOf(item: Item, name: string): string {
  return present(item, name, item[name]?.S)
}

export function wholeOf(item: Item, name: string): number {
  return Number(present(item, name, item[name]?.N))
}

export function timeOf(item: Item, name: string): Timestamp {
  return timestamp(wholeOf(item, name))
}

export function packedOf(item: Item, name: string): unknown {
  const packed = present(item, name, item[name]?.B)
  try {
    return unpack(packed)
  } catch (error) {
    throw new CorruptRowError(keyOf(item), `its ${name} is not what was packed`, error)
  }
}

export function expiresAtOf(item: Item): Timestamp | undefined {
  return item['expiresAt'] && timestamp(wholeOf(item, 'expiresAt') * 1000)
}

function present<T>(item: Item, name: string, value: T | undefined): T {
  if (value === undefined) throw new CorruptRowError(keyOf(item), `it has no ${name}`)
  return value
}

/** A row is not as this version of the code writes it. */
export class CorruptRowError extends Error {
  override readonly name = 'CorruptRowError'
  readonly key: Key

  constructor(key: Key, what: string, cause?: unknown) {
    super(`the row ${key.pk} / ${key.sk} cannot be read: ${what}`, { cause })
    this.key = key
  }
}
