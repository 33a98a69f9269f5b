import { type Hex, parseTransaction } from 'viem'
import { fromRlp, toRlp } from 'viem/utils'

import type { BlobSidecar, BlobSidecars } from '../../ports.ts'

/** The kind of a transaction with blobs (EIP-4844). */
const blobKind = '0x03'

/** Of its wrapper since nodes share cells among them (EIP-7594). */
const wrapperVersion = '0x01'

/**
 * A transaction as pools take it: the signed bytes, and beside them the blobs that they name. The same where it has none.
 * Throws `LostBlobError` where one of them is kept no more.
 */
export async function asPooled(
  bytes: Hex,
  sidecars: Pick<BlobSidecars, 'read'> | undefined,
): Promise<Hex> {
  if (!bytes.startsWith(blobKind)) return bytes
  const { blobVersionedHashes = [] } = parseTransaction(bytes as `0x03${string}`)
  const found: BlobSidecar[] = []
  for (const hash of blobVersionedHashes) {
    const sidecar = await sidecars?.read(hash)
    if (!sidecar) throw new LostBlobError(hash)
    found.push(sidecar)
  }
  const wrapped = toRlp([
    fromRlp(`0x${bytes.slice(blobKind.length)}`, 'hex'),
    wrapperVersion,
    found.map(({ blob }) => blob),
    found.map(({ commitment }) => commitment),
    found.flatMap(({ cellProofs }) => cellProofs),
  ])
  return `${blobKind}${wrapped.slice(2)}`
}

/** A transaction's blob is kept nowhere, so that no pool would take it. */
export class LostBlobError extends Error {
  override readonly name = 'LostBlobError'

  constructor(hash: string) {
    super(
      `the blob ${hash} of a transaction is not kept any more: it cannot be sent, nor its nonce used by another one`,
    )
  }
}
