import { sha256 } from 'viem'
import { describe, expect, test } from 'vitest'

import { memoryBlobs } from '../../../lib/adapters/blobs/memory.ts'
import { blobSidecars, OtherBlobError } from '../../../lib/adapters/kzg/blob-sidecars.ts'
import { wallClock } from '../chains/keys.ts'
import { blobOfOnes, zeroBlob, zeroOfCurve, zeroSidecar } from './constant-blobs.ts'

const hash = `0x01${sha256(zeroOfCurve).slice(4)}` as const

/** Knows the blob that is nothing everywhere, and counts. */
function world() {
  const blobs = memoryBlobs({ clock: wallClock })
  const asked = { cellProofs: 0 }
  const kzg = {
    commitment: async () => Promise.resolve(zeroOfCurve),
    cellProofs: async () => {
      asked.cellProofs += 1
      return Promise.resolve(zeroSidecar.cellProofs)
    },
  }
  return { blobs, asked, sidecars: blobSidecars({ blobs, kzg }) }
}

describe('what travels with a blob', () => {
  test('is there for whoever sends it, whole, and computed once', async () => {
    const { sidecars, asked } = world()
    expect(await sidecars.read(hash)).toBeUndefined()
    await sidecars.keep(hash, zeroBlob)
    await sidecars.keep(hash, zeroBlob)
    expect(await sidecars.read(hash)).toEqual(zeroSidecar)
    expect(asked.cellProofs).toBe(1)
  })

  test('is not kept under the name of another blob', async () => {
    const { sidecars, asked } = world()
    const other = `0x01${'22'.repeat(31)}` as const
    await expect(sidecars.keep(other, blobOfOnes)).rejects.toThrow(OtherBlobError)
    expect(asked.cellProofs).toBe(0)
    expect(await sidecars.read(other)).toBeUndefined()
  })

  test('is made anew where half of it is kept', async () => {
    const { sidecars, blobs, asked } = world()
    await blobs.put(`blob-sidecars/${hash.slice(2)}`, new Uint8Array(1_000))
    expect(await sidecars.read(hash)).toBeUndefined()
    await sidecars.keep(hash, zeroBlob)
    expect(await sidecars.read(hash)).toEqual(zeroSidecar)
    expect(asked.cellProofs).toBe(1)
  })
})
