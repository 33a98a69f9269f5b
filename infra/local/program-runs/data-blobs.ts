import { concat, keccak256 } from 'viem/utils'

import type { Kzg } from '../../../lib/adapters/kzg.ts'
import type { CoreData } from '../../../lib/adapters/settlement/starknet-core/program-output.ts'

type Hex = `0x${string}`

/** EIP-4844. */
const wordsOfBlob = 4_096

export type PublishedBlobs = {
  /** As the output tells of them. */
  readonly told: CoreData
  readonly blobs: readonly Hex[]
  /** Of their values at the output's point. */
  readonly proofs: readonly Hex[]
}

/** Data in as many blobs as it takes, a number behind the other; they are evaluated at a point that hangs on all of them. */
export async function inBlobs(data: readonly bigint[], kzg: Kzg): Promise<PublishedBlobs> {
  const blobs = Array.from({ length: Math.ceil(data.length / wordsOfBlob) }, (_, at) =>
    blobOf(data.slice(at * wordsOfBlob, (at + 1) * wordsOfBlob)),
  )
  const commitments: Hex[] = []
  for (const blob of blobs) commitments.push(await kzg.commitment(blob))
  const point = pointOf(commitments)
  const claims = []
  const proofs: Hex[] = []
  for (const [at, blob] of blobs.entries()) {
    const { value, proof } = await kzg.evaluate(blob, point)
    claims.push({ commitment: commitments[at] ?? '0x', value })
    proofs.push(proof)
  }
  return { told: { kind: 'blobs', point, blobs: claims }, blobs, proofs }
}

function blobOf(words: readonly bigint[]): Hex {
  const text = words.map((word) => word.toString(16).padStart(64, '0')).join('')
  return `0x${text.padEnd(2 * 32 * wordsOfBlob, '0')}`
}

/** Whoever writes the data cannot choose it. A word of the output, so it is below 2^250. */
function pointOf(commitments: readonly Hex[]): bigint {
  return BigInt(keccak256(concat(commitments))) >> 6n
}
