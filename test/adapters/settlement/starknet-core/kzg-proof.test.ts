import { readFileSync } from 'node:fs'

import { sha256 } from 'viem'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { blobVersionedHashes } from '../../../../lib/adapters/settlement/starknet-core/blob-hashes.ts'
import {
  ceremonyPoint,
  unprovenBlob,
} from '../../../../lib/adapters/settlement/starknet-core/kzg-proof.ts'
import { l1Cases, l1Recording, titledL1 } from '../l1-vectors.ts'

/** The package says no path to it that is right. */
const trustedSetup = new URL(
  '../../../../node_modules/viem/trusted-setups/mainnet.json',
  import.meta.url,
)
test('the point of the ceremony is that of Ethereum’s trusted setup', () => {
  const { g2_monomial } = z
    .object({ g2_monomial: z.array(z.string()) })
    .parse(JSON.parse(readFileSync(trustedSetup, 'utf8')))
  expect(g2_monomial[1]).toBe(`0x${ceremonyPoint}`)
})

describe.skipIf(l1Recording === undefined)(titledL1('recorded blobs'), () => {
  test.for(l1Cases('starknet.update.kzg-words-', 'hash').map((one) => [one.id, one] as const))(
    '%s are proved, and the first that is not is named',
    async ([, { inputs }]) => {
      const { z: point, commitments, evaluations, proofs } = Kzg.parse(inputs)
      const blobs = commitments.map((commitment, at) => ({
        commitment,
        value: BigInt(evaluations[at] ?? 0),
      }))
      const data = { kind: 'blobs', point: BigInt(point), blobs } as const
      expect(blobVersionedHashes(data)).toEqual(
        commitments.map((commitment) => `0x01${sha256(commitment).slice(4)}`),
      )
      expect(await unprovenBlob(data, proofs)).toBeUndefined()
      const last = blobs.length - 1
      const others = blobs.map((blob, at) => (at === last ? { ...blob, value: 7n } : blob))
      expect(await unprovenBlob({ ...data, blobs: others }, proofs)).toBe(last)
      expect(await unprovenBlob(data, proofs.slice(1))).toBe(last)
    },
  )
})

const HexText = z.templateLiteral(['0x', z.string()])
const Kzg = z.object({
  z: z.string(),
  commitments: z.array(HexText),
  evaluations: z.array(z.string()),
  proofs: z.array(HexText),
})
