import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'

import type { Blobs, Clock } from '../../ports.ts'

/** What every port of the store needs to reach the table. */
export type TableAccess = {
  readonly client: DynamoDBClient
  /** The table's name. */
  readonly table: string
  /** Where values lie that are too large for a row. */
  readonly blobs: Blobs
  readonly clock: Clock
  /** How long files of slots are kept. */
  readonly historyKeptMs?: number | undefined
}
