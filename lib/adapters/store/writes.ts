import { randomBytes } from 'node:crypto'

import {
  type AttributeValue,
  ConditionalCheckFailedException,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'

import { checkSize } from './item-size.ts'
import { type Item, keyItem, rowName, text } from './item.ts'
import type { TableAccess } from './table-access.ts'
import type { Key } from './table.ts'
import { asked, storeError } from './unavailable.ts'

/** How one conditional write ended; `found` is the row that stood in its way. */
export type Decision =
  | { readonly kind: 'written' }
  | { readonly kind: 'refused'; readonly found: Item | undefined }

/** What must be so for a write to happen. */
export type Condition = {
  readonly expression: string
  readonly names?: Readonly<Record<string, string>>
  readonly values?: Readonly<Record<string, AttributeValue>>
}

/**
 * Writes the row where `condition` holds.
 *
 * An answer can be lost after the write happened; the SDK then asks again and finds its own row in the way. Every call
 * leaves a mark of its own in the row, so that this is known from another writer's row, and counts as written.
 */
export async function putIf(
  { client, table }: TableAccess,
  item: Item,
  condition: Condition,
): Promise<Decision> {
  const mark = newMark()
  const marked = { ...item, putBy: text(mark) }
  checkSize(marked)
  const command = new PutItemCommand({
    TableName: table,
    Item: marked,
    ConditionExpression: condition.expression,
    ExpressionAttributeNames: condition.names,
    ExpressionAttributeValues: condition.values,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  })
  return await decided(`put ${rowName(item)}`, { attribute: 'putBy', mark }, () =>
    client.send(command),
  )
}

/** Writes the row, whatever is there: for rows whose key says all that is in them. */
export async function put({ client, table }: TableAccess, item: Item): Promise<void> {
  checkSize(item)
  await asked(`put ${rowName(item)}`, () =>
    client.send(new PutItemCommand({ TableName: table, Item: item })),
  )
}

/** Changes a row where `condition` holds; a lost answer is handled as in {@link putIf}. */
export async function updateIf(
  { client, table }: TableAccess,
  key: Key,
  change: { readonly set: Item; readonly remove?: readonly string[]; readonly when: Condition },
): Promise<Decision> {
  const mark = newMark()
  const set = Object.entries({ ...change.set, updatedBy: text(mark) })
  const remove = change.remove ?? []
  const sets = set.map((_, index) => `#s${index} = :s${index}`).join(', ')
  const removes = remove.map((_, index) => `#r${index}`).join(', ')
  const command = new UpdateItemCommand({
    TableName: table,
    Key: keyItem(key),
    UpdateExpression: `SET ${sets}${removes && ` REMOVE ${removes}`}`,
    ConditionExpression: change.when.expression,
    ExpressionAttributeNames: {
      ...change.when.names,
      ...Object.fromEntries(set.map(([name], index) => [`#s${index}`, name])),
      ...Object.fromEntries(remove.map((name, index) => [`#r${index}`, name])),
    },
    ExpressionAttributeValues: {
      ...change.when.values,
      ...Object.fromEntries(set.map(([, value], index) => [`:s${index}`, value])),
    },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  })
  return await decided(`update ${key.pk}`, { attribute: 'updatedBy', mark }, () =>
    client.send(command),
  )
}

async function decided(
  operation: string,
  own: { readonly attribute: string; readonly mark: string },
  send: () => Promise<unknown>,
): Promise<Decision> {
  try {
    await send()
    return { kind: 'written' }
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw storeError(operation, error)
    const found = error.Item
    if (found?.[own.attribute]?.S === own.mark) return { kind: 'written' }
    return { kind: 'refused', found }
  }
}

function newMark(): string {
  // 72 bits: no two calls that could meet in one row share a mark.
  return randomBytes(9).toString('base64url')
}
