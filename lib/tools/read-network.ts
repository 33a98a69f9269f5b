import { dirname, resolve } from 'node:path'

import { venues } from '../adapters/venues/index.ts'
import { loadNetwork } from '../runtime/network-file.ts'
import type { Network } from '../runtime/network/schema.ts'

/** A network file, and the folder that what it names is relative to. */
export async function readNetwork(
  file: string,
): Promise<{ readonly network: Network; readonly directory: string }> {
  const network = await loadNetwork(file, { venueNames: venues.map(({ name }) => name) })
  return { network, directory: dirname(resolve(file)) }
}
