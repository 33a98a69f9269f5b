import {
  type AttributeValue,
  BatchGetItemCommand,
  GetItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'

import { type Item, keyItem, keyOf, rowName, text } from './item.ts'
import type { TableAccess } from './table-access.ts'
import type { Index, Key } from './table.ts'
import { asked, StoreUnavailableError } from './unavailable.ts'

/** The row as it is now, not as it was a moment ago. */
export async function get({ client, table }: TableAccess, key: Key): Promise<Item | undefined> {
  const command = new GetItemCommand({
    TableName: table,
    Key: keyItem(key),
    ConsistentRead: true,
  })
  const { Item: item } = await asked(`get ${key.pk}`, () => client.send(command))
  return item
}

/** All rows of a partition as they are now, page by page. */
export async function* partition(
  { client, table }: TableAccess,
  pk: string,
  order: {
    readonly newestFirst: boolean
    readonly pageSize?: number | undefined
    /** Only sort keys from the first to the last, both included. */
    readonly sort?: readonly [string, string]
    /** Only their keys and when they expire. */
    readonly keysOnly?: boolean
  },
): AsyncGenerator<Item> {
  const { sort, keysOnly = false } = order
  let from: Item | undefined
  do {
    const command = new QueryCommand({
      TableName: table,
      KeyConditionExpression: sort ? 'pk = :pk AND sk BETWEEN :from AND :to' : 'pk = :pk',
      ExpressionAttributeValues: {
        ':pk': text(pk),
        ...(sort && { ':from': text(sort[0]), ':to': text(sort[1]) }),
      },
      ...(keysOnly && { ProjectionExpression: 'pk, sk, expiresAt' }),
      ConsistentRead: true,
      ScanIndexForward: !order.newestFirst,
      Limit: order.pageSize,
      ExclusiveStartKey: from,
    })
    const page = await asked(`query ${pk}`, () => client.send(command))
    yield* page.Items ?? []
    from = page.LastEvaluatedKey
  } while (from)
}

/** The keys of a list in an index, page by page. Indexes follow the table a moment later. */
export async function* listed(
  { client, table }: TableAccess,
  index: Index,
  list: {
    readonly name: string
    readonly newestFirst: boolean
    readonly pageSize?: number | undefined
    /** Only what sorts up to that. */
    readonly until?: string
  },
): AsyncGenerator<readonly Key[]> {
  let from: Item | undefined
  do {
    const command = new QueryCommand({
      TableName: table,
      IndexName: index.name,
      KeyConditionExpression:
        list.until === undefined ? '#list = :list' : '#list = :list AND #sort <= :until',
      ExpressionAttributeNames: {
        '#list': index.partition,
        ...(list.until !== undefined && { '#sort': index.sort }),
      },
      ExpressionAttributeValues: {
        ':list': text(list.name),
        ...(list.until !== undefined && { ':until': text(list.until) }),
      },
      ScanIndexForward: !list.newestFirst,
      Limit: list.pageSize,
      ExclusiveStartKey: from,
    })
    const page = await asked(`query ${list.name}`, () => client.send(command))
    yield (page.Items ?? []).map(keyOf)
    from = page.LastEvaluatedKey
  } while (from)
}

/** DynamoDB's limit of one BatchGetItem. */
const batchKeys = 100
/** Tries without any progress: with the waits between them a little over a second. */
const batchTries = 6

/** Many rows as they are now, in the order of `keys`; what is not there is left out. */
export async function getMany(access: TableAccess, keys: readonly Key[]): Promise<readonly Item[]> {
  const found = new Map<string, Item>()
  for (let start = 0; start < keys.length; start += batchKeys) {
    const items = await getBatch(access, keys.slice(start, start + batchKeys))
    for (const item of items) found.set(rowName(item), item)
  }
  return keys.map((key) => found.get(rowName(keyItem(key)))).filter((item) => item !== undefined)
}

async function getBatch(access: TableAccess, keys: readonly Key[]): Promise<readonly Item[]> {
  const { client, table, clock } = access
  const items: Item[] = []
  let wanted: Record<string, AttributeValue>[] = keys.map((key) => ({ ...keyItem(key) }))
  for (let tries = 0; wanted.length > 0; tries += 1) {
    if (tries === batchTries) throw new StoreUnavailableError('batch get', 'rows stay unprocessed')
    if (tries > 0) await clock.sleep(20 * 2 ** tries)
    const command = new BatchGetItemCommand({
      RequestItems: { [table]: { Keys: wanted, ConsistentRead: true } },
    })
    const answer = await asked('batch get', () => client.send(command))
    const brought = answer.Responses?.[table] ?? []
    items.push(...brought)
    wanted = answer.UnprocessedKeys?.[table]?.Keys ?? []
    if (brought.length > 0) tries = 0
  }
  return items
}
