import type { AttributeValue } from '@aws-sdk/client-dynamodb'

import { type Item, keyOf } from './item.ts'
import type { Key } from './table.ts'

/** DynamoDB's limit for one item, names and values together. */
export const maxItemBytes = 400 * 1024

/** Refuses a row that DynamoDB would refuse, before it is sent and with its name. */
export function checkSize(item: Item): void {
  const size = itemBytes(item)
  if (size > maxItemBytes) throw new RowTooLargeError(keyOf(item), size)
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
export function itemBytes(item: Item): number {
  return Object.entries(item)
    .map(([name, value]) => Buffer.byteLength(name) + valueBytes(value))
    .reduce((sum, size) => sum + size, 0)
}

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S)
  if (value.B !== undefined) return value.B.byteLength
  // Two digits a byte, and one for sign and exponent.
  if (value.N !== undefined) return Math.ceil(value.N.length / 2) + 1
  throw new TypeError('our rows hold text, numbers and bytes only')
}

/** The row would be larger than the table takes. */
export class RowTooLargeError extends Error {
  override readonly name = 'RowTooLargeError'
  readonly key: Key
  readonly size: number

  constructor(key: Key, size: number) {
    super(`the row ${key.pk} / ${key.sk} has ${size} bytes; a row holds at most ${maxItemBytes}`)
    this.key = key
    this.size = size
  }
}
