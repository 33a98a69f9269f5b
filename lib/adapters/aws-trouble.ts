/** Errors of status 400 that mean "not now" instead of "not so". */
const transient = new Set([
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'ReplicatedWriteConflictException',
  'RequestLimitExceeded',
  'RequestTimeout',
  'RequestTimeoutException',
  'ThrottlingException',
  'TransactionInProgressException',
])

/** Whether an error of the SDK is the service's or the network's trouble, and no mistake of ours. */
export function isAwsTrouble(error: unknown): boolean {
  // The SDK puts `$metadata` on whatever went wrong after the request left; its absence is a mistake of ours.
  if (!(error instanceof Error) || !('$metadata' in error)) return false
  const status = statusOf(error.$metadata)
  if (status === undefined || status === 429) return true
  return transient.has(error.name) || status < 400 || status >= 500
}

function statusOf(metadata: unknown): number | undefined {
  if (typeof metadata !== 'object' || metadata === null) return undefined
  if (!('httpStatusCode' in metadata)) return undefined
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined
}
