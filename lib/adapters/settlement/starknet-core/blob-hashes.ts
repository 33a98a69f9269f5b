import { versionedHash } from '../../versioned-hash.ts'
import type { CoreData } from './program-output.ts'

type Hex = `0x${string}`

/** The blobs of an update's transaction, in their order; none where it has none. */
export function blobVersionedHashes(data: CoreData): readonly Hex[] {
  return data.kind === 'blobs' ? data.blobs.map(({ commitment }) => versionedHash(commitment)) : []
}
