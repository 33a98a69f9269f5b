import { resolve } from 'node:path'

import { filesBlobs } from '../adapters/blobs/files.ts'
import { memoryBlobs } from '../adapters/blobs/memory.ts'
import { dynamoClient } from '../adapters/store/dynamo-client.ts'
import { dynamoStore } from '../adapters/store/dynamo.ts'
import { memoryStore } from '../adapters/store/memory.ts'
import type { Blobs, Clock, Store } from '../ports.ts'
import type { Network } from './network/schema.ts'
import { onceEach } from './once-each.ts'

export type OpenStore = {
  readonly store: Store
  readonly blobs: Blobs
  close(): Promise<void>
}

const dayMs = 24 * 60 * 60_000

/** In memory, and gone at the end. */
export function ownStore(clock: Clock): OpenStore {
  return {
    store: memoryStore({ clock }),
    blobs: memoryBlobs({ clock }),
    close: async () => undefined,
  }
}

export type StoreOptions = {
  readonly network: Pick<Network, 'store'>
  /** The folder of the network file. */
  readonly directory: string
  readonly clock: Clock
  /** Of AWS; where the network file names none. */
  readonly region?: string | undefined
}

/** The store that the network file names. */
export function openStore(options: StoreOptions): OpenStore {
  const { network, directory, clock } = options
  const { store } = network
  const historyKeptMs = store.historyDays * dayMs
  switch (store.kind) {
    case 'memory': {
      const file = store.file === undefined ? undefined : resolve(directory, store.file)
      const memory = memoryStore({ clock, file, historyKeptMs })
      // What rows name must be there as long as they are.
      const blobs =
        file === undefined
          ? memoryBlobs({ clock, historyKeptMs })
          : filesBlobs({ folder: `${file}.blobs`, clock, historyKeptMs })
      const close = async () => (file === undefined ? undefined : memory.save())
      return { store: memory, blobs, close }
    }
    case 'dynamodb': {
      const region = regionOf(store, options)
      const client = dynamoClient({ region, endpoint: store.endpoint })
      const opened = openBlobs(store, options)
      const { blobs } = opened
      return {
        store: dynamoStore({ client, table: store.table, blobs, clock, historyKeptMs }),
        blobs,
        async close() {
          client.destroy()
          await opened.close()
        },
      }
    }
  }
}

type TableStore = Extract<Network['store'], { readonly kind: 'dynamodb' }>

/** An emulator asks for one and looks at none. */
function regionOf(store: TableStore, { region }: StoreOptions): string {
  return store.region ?? region ?? 'eu-west-1'
}

function openBlobs(
  store: TableStore,
  options: StoreOptions,
): { readonly blobs: Blobs; close(): Promise<void> } {
  const { blobs } = store
  switch (blobs.kind) {
    case 'folder': {
      const folder = resolve(options.directory, blobs.folder)
      const { clock } = options
      const historyKeptMs = store.historyDays * dayMs
      return { blobs: filesBlobs({ folder, clock, historyKeptMs }), close: async () => undefined }
    }
    case 's3':
      return openS3({ ...blobs, region: regionOf(store, options) })
  }
}

function openS3({
  bucket,
  region,
  endpoint,
}: {
  readonly bucket: string
  readonly region: string
  readonly endpoint?: string | undefined
}) {
  let client: { destroy(): void } | undefined
  // Loaded with the first question: a small network's values are all in its rows.
  const opened = onceEach(
    () => 's3',
    async () => {
      const { s3Blobs, s3Client } = await import('../adapters/blobs/s3.ts')
      const made = s3Client({ region, endpoint })
      client = made
      return s3Blobs({ client: made, bucket })
    },
  )
  const blobs: Blobs = {
    put: async (key, content) => (await opened(undefined)).put(key, content),
    get: async (key) => (await opened(undefined)).get(key),
  }
  return { blobs, close: async () => client?.destroy() }
}
