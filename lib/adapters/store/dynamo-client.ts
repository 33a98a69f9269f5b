import { DynamoDBClient } from '@aws-sdk/client-dynamodb'

/**
 * A client that gives up soon enough for a keeper to do something about it.
 *
 * With `endpoint` it talks to an emulator, which asks for credentials and looks at none.
 */
export function dynamoClient({
  region,
  endpoint,
}: {
  readonly region: string
  readonly endpoint?: string | undefined
}): DynamoDBClient {
  return new DynamoDBClient({
    region,
    // Three tries of at most two seconds leave time in a slot of ten.
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 2_000,
      throwOnRequestTimeout: true,
    },
    ...(endpoint === undefined
      ? {}
      : { endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
  })
}
