import { SourceUnavailableError } from './errors.ts'

/** What `read` resolves with; a chain or exchange that could not be asked is trouble of the source. */
export async function asSource<T>(source: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    // By its name: chains are another kind of adapter.
    if (!(error instanceof Error) || error.name !== 'ChainUnavailableError') throw error
    throw new SourceUnavailableError(source, error.message, { cause: error })
  }
}
