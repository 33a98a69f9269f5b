import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll } from 'vitest'

import { createTable, dynamoAbsent, startDynamo } from '../../../infra/local/dynamo.ts'
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

/** Why the tests with an emulator do not run here; undefined where they do. */
export const noEmulator = dynamoAbsent()

if (noEmulator !== undefined) process.stderr.write(`DynamoDB tests are skipped: ${noEmulator}\n`)

/** One emulator for a test file; each store in it has a table of its own. */
export function emulator(): Emulator {
  let client: DynamoDBClient
  let tables = 0
  let endpoint = ''
  let stop: (() => Promise<void>) | undefined

  beforeAll(async () => {
    const started = await startDynamo()
    if ('reason' in started) throw new TypeError(started.reason)
    ;({ endpoint, stop } = started)
    client = dynamoClient({ region: 'local', endpoint })
  })

  afterAll(async () => {
    client.destroy()
    await stop?.()
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
