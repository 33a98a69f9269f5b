import { resolve } from 'node:path'

import { dynamoClient } from '../adapters/store/dynamo-client.ts'
import { dynamoStore } from '../adapters/store/dynamo.ts'
import { memoryStore } from '../adapters/store/memory.ts'
import type { Clock, Store } from '../ports.ts'
import type { Network } from './network/schema.ts'

export type OpenStore = { readonly store: Store; close(): Promise<void> }

/** In memory, and gone at the end. */
export function ownStore(clock: Clock): OpenStore {
  return { store: memoryStore({ clock }), close: async () => undefined }
}

/** The store that the network file names. */
export function openStore({
  network,
  directory,
  clock,
  region,
}: {
  readonly network: Pick<Network, 'store'>
  /** The folder of the network file. */
  readonly directory: string
  readonly clock: Clock
  /** Of AWS; where the network file names none. */
  readonly region?: string | undefined
}): OpenStore {
  const { store } = network
  switch (store.kind) {
    case 'memory': {
      const file = store.file === undefined ? undefined : resolve(directory, store.file)
      const memory = memoryStore({ clock, file })
      return { store: memory, close: async () => (file === undefined ? undefined : memory.save()) }
    }
    case 'dynamodb': {
      const client = dynamoClient({
        // An emulator asks for one and looks at none.
        region: store.region ?? region ?? 'eu-west-1',
        endpoint: store.endpoint,
      })
      return {
        store: dynamoStore({ client, table: store.table, clock }),
        close: async () => client.destroy(),
      }
    }
  }
}
