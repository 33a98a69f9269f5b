import { isAwsTrouble } from '../aws-trouble.ts'
import { BlobsUnavailableError } from '../blob-rules.ts'

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
  const isTrouble = isAwsTrouble(error) || error instanceof BlobsUnavailableError
  return isTrouble ? new StoreUnavailableError(operation, error) : error
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
}
