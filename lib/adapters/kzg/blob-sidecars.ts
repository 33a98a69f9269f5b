import { bytesToHex, hexToBytes } from 'viem/utils'

import type { Blobs, BlobSidecar, BlobSidecars } from '../../ports.ts'
import { blobBytes, type Kzg } from '../kzg.ts'
import { versionedHash } from '../versioned-hash.ts'

type Hex = `0x${string}`

/** EIP-4844 and EIP-7594. */
const pointBytes = 48
const cells = 128

/** Kept beside the rows, since one is more than a row holds: the blob, its commitment and the proofs of its cells, one behind the other. */
export function blobSidecars({
  blobs,
  kzg,
}: {
  readonly blobs: Blobs
  readonly kzg: Pick<Kzg, 'commitment' | 'cellProofs'>
}): BlobSidecars {
  async function read(hash: Hex): Promise<BlobSidecar | undefined> {
    const bytes = await blobs.get(nameOf(hash))
    const sidecar = bytes && unpacked(bytes)
    return sidecar && versionedHash(sidecar.commitment) === hash ? sidecar : undefined
  }

  return {
    read,

    async keep(hash, blob) {
      const kept = await read(hash)
      // Kept again, so that it is there for as long as whoever needs it now.
      const sidecar = kept?.blob === blob ? kept : await made(kzg, hash, blob)
      await blobs.put(nameOf(hash), packed(sidecar))
    },
  }
}

async function made(
  kzg: Pick<Kzg, 'commitment' | 'cellProofs'>,
  hash: Hex,
  blob: Hex,
): Promise<BlobSidecar> {
  const commitment = await kzg.commitment(blob)
  const found = versionedHash(commitment)
  if (found !== hash) throw new OtherBlobError(hash, found)
  return { blob, commitment, cellProofs: await kzg.cellProofs(blob) }
}

function nameOf(hash: Hex): string {
  return `blob-sidecars/${hash.slice(2).toLowerCase()}`
}

function packed({ blob, commitment, cellProofs }: BlobSidecar): Uint8Array {
  return Buffer.concat([blob, commitment, ...cellProofs].map((part) => hexToBytes(part)))
}

function unpacked(bytes: Uint8Array): BlobSidecar | undefined {
  if (bytes.length !== blobBytes + pointBytes * (1 + cells)) return undefined
  const at = (from: number, length: number) => bytesToHex(bytes.subarray(from, from + length))
  const points = Array.from({ length: 1 + cells }, (_, index) =>
    at(blobBytes + index * pointBytes, pointBytes),
  )
  const [commitment = '0x', ...cellProofs] = points
  return { blob: at(0, blobBytes), commitment, cellProofs }
}

/** A blob is not the one that the chain is told of. */
export class OtherBlobError extends Error {
  override readonly name = 'OtherBlobError'

  constructor(expected: Hex, found: Hex) {
    super(`the blob of the versioned hash ${expected} has the hash ${found}`)
  }
}
