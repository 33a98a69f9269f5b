import { sha256 } from 'viem/utils'

import type { CoreData } from './program-output.ts'

type Hex = `0x${string}`

/** What the chain knows a blob by (EIP-4844, version 1). */
export function versionedHash(commitment: Hex): Hex {
  return `0x01${sha256(commitment).slice(4)}`
}

/** The blobs of an update's transaction, in their order; none where it has none. */
export function blobVersionedHashes(data: CoreData): readonly Hex[] {
  return data.kind === 'blobs' ? data.blobs.map(({ commitment }) => versionedHash(commitment)) : []
}
