import { readFileSync } from 'node:fs'

import { bls12_381 } from '@noble/curves/bls12-381.js'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { BlobFormatError, openKzg } from '../../../lib/adapters/kzg.ts'
import { kzgThread } from '../../../lib/adapters/kzg/kzg-thread.ts'
import { l1Cases, l1Recording, titledL1 } from '../settlement/l1-vectors.ts'
import { blobOfOnes, generatorOfCurve, zeroBlob, zeroOfCurve } from './constant-blobs.ts'

const { G1, fields } = bls12_381
const { Fr } = fields
const point = 0x1234_5678_9abcn

/** Of Ethereum's setup, as viem has it: the secret times the first group's generator. */
const secretPoint = (() => {
  const file = new URL('../../../node_modules/viem/trusted-setups/mainnet.json', import.meta.url)
  const { g1_monomial } = z
    .object({ g1_monomial: z.array(z.string()) })
    .parse(JSON.parse(readFileSync(file, 'utf8')))
  return G1.Point.fromHex(g1_monomial[1]?.slice(2) ?? '')
})()

/** The values of 3 + 7x at the roots of unity, in the order of their bits reversed, as EIP-4844 has them. */
function linearBlob(): `0x${string}` {
  const root = Fr.pow(7n, (Fr.ORDER - 1n) / 4_096n)
  const values = Array.from({ length: 4_096 }, (_, at) => {
    const reversed = Number.parseInt(
      at.toString(2).padStart(12, '0').split('').toReversed().join(''),
      2,
    )
    return Fr.add(3n, Fr.mul(7n, Fr.pow(root, BigInt(reversed))))
  })
  return `0x${values.map((value) => value.toString(16).padStart(64, '0')).join('')}`
}

describe('a blob', () => {
  const kzg = openKzg()

  test('that is the same everywhere has a known commitment, value and proof', async () => {
    expect(await kzg.commitment(zeroBlob)).toBe(zeroOfCurve)
    expect(await kzg.commitment(blobOfOnes)).toBe(generatorOfCurve)
    expect(await kzg.evaluate(blobOfOnes, point)).toEqual({ value: 1n, proof: zeroOfCurve })
  })

  test('of a polynomial of degree one has the commitment, value and proof that follow from it', async () => {
    const blob = linearBlob()
    const { BASE } = G1.Point
    const commitment = BASE.multiply(3n).add(secretPoint.multiply(7n)).toHex(true)
    expect(await kzg.commitment(blob)).toBe(`0x${commitment}`)
    const { value, proof } = await kzg.evaluate(blob, point)
    expect(value).toBe(3n + 7n * point)
    expect(proof).toBe(`0x${BASE.multiply(7n).toHex(true)}`)
  })

  test('that is none is refused', async () => {
    await expect(kzg.commitment('0x00')).rejects.toThrow(BlobFormatError)
    await expect(kzg.commitment(`0x${'ff'.repeat(131_072)}`)).rejects.toThrow(BlobFormatError)
  })
})

test('in a thread, who asks several things at once is given each its own', async () => {
  const kzg = kzgThread()
  const evaluation = {
    commitment: generatorOfCurve,
    point,
    value: 1n,
    proof: zeroOfCurve,
  } as const
  const [zero, evaluated, holds, none] = await Promise.all([
    kzg.commitment(zeroBlob),
    kzg.evaluate(blobOfOnes, point),
    kzg.holds(evaluation),
    kzg.commitment('0x00').catch((error: unknown) => error),
  ])
  expect(zero).toBe(zeroOfCurve)
  expect(evaluated).toEqual({ value: 1n, proof: zeroOfCurve })
  expect(holds).toBe(true)
  expect(none).toBeInstanceOf(BlobFormatError)
})

describe.skipIf(l1Recording === undefined)(titledL1('recorded evaluations'), () => {
  test.for(l1Cases('starknet.update.kzg-words-', 'hash').map((one) => [one.id, one] as const))(
    '%s hold, and no other',
    async ([, { inputs }]) => {
      const { z: at, commitments, evaluations, proofs } = Words.parse(inputs)
      const kzg = openKzg()
      for (const [index, commitment] of commitments.entries()) {
        const value = BigInt(evaluations[index] ?? 0)
        const one = { commitment, point: BigInt(at), value, proof: proofs[index] ?? '0x' } as const
        expect(await kzg.holds(one)).toBe(true)
        expect(await kzg.holds({ ...one, value: value + 1n })).toBe(false)
      }
    },
  )
})

const HexText = z.templateLiteral(['0x', z.string()])
const Words = z.object({
  z: z.string(),
  commitments: z.array(HexText),
  evaluations: z.array(z.string()),
  proofs: z.array(HexText),
})
