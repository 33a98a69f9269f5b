import { StoreUnavailableError } from '../adapters/store/unavailable.ts'
import type { World } from '../runtime/compose.ts'
import type { Network } from '../runtime/network/schema.ts'

/** What `ask` gives; where the store does not answer, an error that names the file and the place. */
export async function fromStore<T>(
  { network }: World,
  file: string,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw new SilentStoreError(file, network, error)
    throw error
  }
}

/** The store that the network file names does not answer. */
class SilentStoreError extends Error {
  override readonly name = 'SilentStoreError'

  constructor(file: string, { store }: Network, cause: StoreUnavailableError) {
    const endpoint = store.kind === 'dynamodb' ? (store.endpoint ?? 'AWS') : 'this machine'
    super(
      `${file}: store: it does not answer at ${endpoint}; see that it runs, or start the network (npm start for a local one)`,
      { cause },
    )
  }
}
