import {
  BatchWriteItemCommand,
  DeleteTableCommand,
  DynamoDBClient,
  paginateScan,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll } from 'vitest'

import { createTable } from '../../../infra/local/dynamo.ts'
import { memoryBlobs } from '../../../lib/adapters/blobs/memory.ts'
import { dynamoClient } from '../../../lib/adapters/store/dynamo-client.ts'
import { dynamoStore } from '../../../lib/adapters/store/dynamo.ts'
import type { Clock, Store } from '../../../lib/ports.ts'

/** A region's own service takes real credentials from where AWS's tools do, and they pay for what is asked. */
const service = /^dynamodb\.(?<region>[a-z0-9-]+)\.amazonaws\.com$/

/** One table for a test file at an endpoint that somebody else runs; it is emptied for each store, and deleted at the end. */
export function givenEndpoint(endpoint: string): { freshStore(clock: Clock): Promise<Store> } {
  let client: DynamoDBClient
  // Other runs may be at the same endpoint.
  const table = `starkeep-contract-${Date.now()}-${process.pid}`

  beforeAll(async () => {
    const region = service.exec(new URL(endpoint).hostname)?.groups?.['region']
    client =
      region === undefined
        ? dynamoClient({ region: 'us-east-1', endpoint })
        : new DynamoDBClient({ region, endpoint })
    await makeTable(client, table)
  }, tableDeadlineMs)

  afterAll(async () => {
    await client.send(new DeleteTableCommand({ TableName: table }))
    client.destroy()
  }, tableDeadlineMs)

  return {
    async freshStore(clock) {
      await empty(client, table)
      return dynamoStore({ client, table, blobs: memoryBlobs({ clock }), clock })
    },
  }
}

/** The service makes a table with two indexes in less than a minute. */
const tableDeadlineMs = 120_000

/** An emulator that expires nothing will do: whether a row has expired the store's clock decides. */
async function makeTable(client: DynamoDBClient, table: string): Promise<void> {
  try {
    await createTable(client, table)
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'UnknownOperationException') throw error
  }
}

/** The most that one batch may hold. */
const batchSize = 25

async function empty(client: DynamoDBClient, table: string): Promise<void> {
  const scan = {
    TableName: table,
    ConsistentRead: true,
    ProjectionExpression: 'pk, sk',
    Limit: batchSize,
  }
  for await (const { Items: items = [] } of paginateScan({ client }, scan)) {
    let left: WriteRequest[] = items.map((Key) => ({ DeleteRequest: { Key } }))
    while (left.length > 0) {
      const command = new BatchWriteItemCommand({ RequestItems: { [table]: left } })
      const { UnprocessedItems: unprocessed = {} } = await client.send(command)
      left = unprocessed[table] ?? []
    }
  }
}
