import { join } from 'node:path'

import type { Config } from '../config.ts'
import { namedNetwork } from '../named-network.ts'
import type { Network } from '../network/schema.ts'

/** Where a function finds what the network file names by `file:`. */
export function networkDirectory({ root }: Config): string {
  return join(root, 'infra/networks')
}

/** The network that this deployment is for, with the deployment's own table and bucket, whatever the file calls them. */
export async function deployedNetwork(config: Config): Promise<Network> {
  const network = await namedNetwork(networkDirectory(config), config.network)
  const { store } = network
  if (store.kind !== 'dynamodb' || store.endpoint !== undefined) return network
  const blobs = { kind: 's3', bucket: config.bucket } as const
  return { ...network, store: { ...store, table: config.table, blobs } }
}
