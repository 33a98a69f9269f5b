import { sha256 } from 'viem'
import { expect, test } from 'vitest'

import { openKzg } from '../../../../lib/adapters/kzg.ts'
import { blobVersionedHashes } from '../../../../lib/adapters/settlement/starknet-core/blob-hashes.ts'
import { blobCheck } from '../../../../lib/adapters/settlement/starknet-core/check-blobs.ts'
import {
  type BlobClaim,
  buildProgramOutput,
} from '../../../../lib/adapters/settlement/starknet-core/program-output.ts'
import { blobOfOnes, generatorOfCurve, zeroBlob, zeroOfCurve } from '../../kzg/constant-blobs.ts'

const check = blobCheck(openKzg())

/** What a run says of the blob that is nothing everywhere, and of the one that is 1. */
const claims: readonly BlobClaim[] = [
  { commitment: zeroOfCurve, value: 0n },
  { commitment: generatorOfCurve, value: 1n },
]
const blobs = [zeroBlob, blobOfOnes]
const proofs = [zeroOfCurve, zeroOfCurve]

function outputWith(told: typeof claims) {
  return buildProgramOutput({
    header: {
      prevRoot: 1n,
      newRoot: 2n,
      prevBlockNumber: 0n,
      newBlockNumber: 1n,
      prevBlockHash: 3n,
      newBlockHash: 4n,
      osProgramHash: 0n,
      configHash: 5n,
    },
    data: { kind: 'blobs', point: 77n, blobs: told },
    toL1: [],
    toL2: [],
  })
}

test('blobs that are what the output says of them are let through', async () => {
  const programOutput = outputWith(claims)
  expect(await check({ programOutput, data: { kind: 'blobs', blobs, proofs } })).toBeUndefined()
})

test.for([
  [
    'another blob',
    { blobs: [zeroBlob, zeroBlob], proofs },
    { word: 'commitment of blob 2', expected: generatorOfCurve, found: zeroOfCurve },
  ],
  [
    'a blob that is cut short',
    { blobs: [zeroBlob, '0x01'], proofs },
    {
      word: 'blob 2',
      expected: 'one of 4,096 numbers',
      found: 'this is no blob: it has 1 bytes instead of 131072',
    },
  ],
  [
    'another proof',
    { blobs, proofs: [zeroOfCurve, generatorOfCurve] },
    { word: 'proof of blob 2', expected: 'one that holds', found: generatorOfCurve },
  ],
] as const)('%s is named', async ([, given, wrong]) => {
  const programOutput = outputWith(claims)
  expect(await check({ programOutput, data: { kind: 'blobs', ...given } })).toEqual(wrong)
})

test('a number above the order of the curve’s group is no blob’s', async () => {
  const tooLarge = `0x${'ff'.repeat(131_072)}` as const
  const given = { kind: 'blobs', blobs: [tooLarge, blobOfOnes], proofs } as const
  expect(await check({ programOutput: outputWith(claims), data: given })).toMatchObject({
    word: 'blob 1',
    found: expect.stringContaining('no blob') as string,
  })
})

test('the chain knows blobs by the hashes of their commitments', () => {
  const data = { kind: 'blobs', point: 5n, blobs: claims } as const
  expect(blobVersionedHashes(data)).toEqual(
    claims.map(({ commitment }) => `0x01${sha256(commitment).slice(4)}`),
  )
})
