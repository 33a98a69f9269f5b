import { DynamoDBClient } from '@aws-sdk/client-dynamodb'

/**
 * A client that gives up soon enough for a keeper to do something about it.
 *
 * With `endpoint` it talks to an emulator, which asks for credentials and looks at none.
 */
export function dynamoClient({
  region,
  endpoint,
  timeoutMs = 2_000,
}: {
  readonly region: string
  readonly endpoint?: string | undefined
  /** For one try. */
  readonly timeoutMs?: number
}): DynamoDBClient {
  return new DynamoDBClient({
    region,
    // Three tries of two seconds leave time in a slot of ten.
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
    },
    ...(endpoint === undefined
      ? {}
      : { endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
  })
}
