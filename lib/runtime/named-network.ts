import { join } from 'node:path'

import { venues } from '../adapters/venues/index.ts'
import { loadNetwork } from './network-file.ts'
import type { Network } from './network/schema.ts'

/**
 * The network of a file's name without `.yml`. Bundles have another module in this one's place, which
 * infra/cloud/checked-networks.ts makes of the files when a function is packaged.
 */
export async function namedNetwork(directory: string, name: string): Promise<Network> {
  const known = { venueNames: venues.map((venue) => venue.name) }
  return await loadNetwork(join(directory, `${name}.yml`), known)
}
