import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'

import type { Clock } from '../../ports.ts'

/** What every port of the store needs to reach the table. */
export type TableAccess = {
  readonly client: DynamoDBClient
  /** The table's name. */
  readonly table: string
  readonly clock: Clock
}
