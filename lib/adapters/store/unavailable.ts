/**
 * The store did not answer, or answered that it cannot now. What was asked may have happened or not;
 * asking again is safe. Never a reason to believe that somebody else won.
 */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError'
  readonly operation: string

  constructor(operation: string, cause: unknown) {
    super(`the store is unavailable (${operation}): ${reasonOf(cause)}`, { cause })
    this.operation = operation
  }
}

/** Sends one request; see {@link storeError}. */
export async function asked<T>(operation: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send()
  } catch (error) {
    throw storeError(operation, error)
  }
}

/** Passes `error` on, as {@link StoreUnavailableError} where it is the store's or the network's trouble. */
export function storeError(operation: string, error: unknown): unknown {
  return isInfrastructure(error) ? new StoreUnavailableError(operation, error) : error
}

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

function isInfrastructure(error: unknown): boolean {
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

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
}
