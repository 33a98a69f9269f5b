import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll } from 'vitest'

import { createTable, startDynamo } from '../../../infra/local/dynamo.ts'
import { memoryBlobs } from '../../../lib/adapters/blobs/memory.ts'
import { dynamoClient } from '../../../lib/adapters/store/dynamo-client.ts'
import { dynamoStore } from '../../../lib/adapters/store/dynamo.ts'
import type { Clock, Store } from '../../../lib/ports.ts'

export type Emulator = {
  endpoint(): string
  client(): DynamoDBClient
  /** An empty table's store, through `endpoint` where another one is given. */
  freshStore(clock: Clock): Promise<Store>
}

const probe = await startDynamo()

/** Why the tests with an emulator do not run here; undefined where they do. */
export const noEmulator = 'reason' in probe ? probe.reason : undefined

if (noEmulator !== undefined) process.stderr.write(`DynamoDB tests are skipped: ${noEmulator}\n`)

/** One emulator for a test file; each store in it has a table of its own. */
export function emulator(): Emulator {
  let client: DynamoDBClient
  let tables = 0
  const endpoint = 'reason' in probe ? '' : probe.endpoint

  beforeAll(() => {
    client = dynamoClient({ region: 'local', endpoint })
  })

  afterAll(async () => {
    client.destroy()
    if (!('reason' in probe)) await probe.stop()
  })

  return {
    endpoint: () => endpoint,
    client: () => client,
    async freshStore(clock) {
      tables += 1
      const table = await createTable(client, `table-${tables}`)
      return dynamoStore({ client, table, blobs: memoryBlobs({ clock }), clock })
    },
  }
}
