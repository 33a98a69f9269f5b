import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import {
  continuousPage,
  MemoryPageError,
  regularPage,
} from '../../../../lib/adapters/settlement/facts/memory-pages.ts'
import { starkPrime } from '../../../../lib/adapters/settlement/facts/stark-prime.ts'
import { keccakOfWords, packedWords } from '../../../../lib/adapters/settlement/facts/words.ts'
import { l1Cases, l1Recording, titledL1, Words } from '../l1-vectors.ts'
import { sponge256 } from './own-keccak.ts'

const felt = fc.bigInt({ min: 0n, max: starkPrime - 1n })
const challenge = fc.record({ z: felt, alpha: felt })

describe('a memory page', () => {
  test('is named by kind, field, length, challenge, product, hash and address', () => {
    fc.assert(
      fc.property(fc.array(felt, { maxLength: 9 }), challenge, (values, at) => {
        const startAddress = 41n
        const page = continuousPage({ startAddress, values }, at)
        let product = 1n
        for (const [index, value] of values.entries()) {
          // z − (a + α·v), without ever going below zero.
          const taken = (startAddress + BigInt(index) + at.alpha * value) % starkPrime
          product = (product * (at.z + starkPrime - taken)) % starkPrime
        }
        const hash = sponge256(packedWords(values))
        const words = [1n, starkPrime, BigInt(values.length), at.z, at.alpha, product]
        const fact = sponge256(packedWords([...words, BigInt(hash), startAddress]))
        expect(page).toEqual({ fact, hash, product })
      }),
      { numRuns: 50 },
    )
  })

  test('of cells is another page than the same cells side by side, with the same product', () => {
    fc.assert(
      fc.property(fc.array(felt, { minLength: 1, maxLength: 9 }), challenge, (values, at) => {
        const cells = values.map((value, index) => ({ address: 7n + BigInt(index), value }))
        const regular = regularPage(cells, at)
        const continuous = continuousPage({ startAddress: 7n, values }, at)
        expect(regular.product).toBe(continuous.product)
        expect(regular.hash).not.toBe(continuous.hash)
        expect(regular.fact).not.toBe(continuous.fact)
      }),
    )
  })

  test('has the product of its parts', () => {
    fc.assert(
      fc.property(fc.array(felt, { maxLength: 8 }), fc.nat(8), challenge, (values, cut, at) => {
        const whole = continuousPage({ startAddress: 0n, values }, at)
        const [first, second] = [values.slice(0, cut), values.slice(cut)]
        const parts = [
          continuousPage({ startAddress: 0n, values: first }, at),
          continuousPage({ startAddress: BigInt(first.length), values: second }, at),
        ]
        const product = parts.reduce((all, part) => (all * part.product) % starkPrime, 1n)
        expect(whole.product).toBe(product)
      }),
    )
  })

  test('that the registry would not take is none', () => {
    const at = { z: 1n, alpha: 2n }
    const nothing = { startAddress: 0n, values: [] }
    expect(() => continuousPage({ ...nothing, startAddress: 2n ** 64n }, at)).toThrow(
      MemoryPageError,
    )
    expect(() => continuousPage(nothing, { ...at, z: starkPrime })).toThrow(MemoryPageError)
    expect(() => regularPage([], { ...at, alpha: starkPrime })).toThrow(MemoryPageError)
    const tooMany = Array.from({ length: 2 ** 20 }, () => 0n)
    expect(() => continuousPage({ startAddress: 0n, values: tooMany }, at)).toThrow(MemoryPageError)
  })
})

describe.skipIf(l1Recording === undefined)(titledL1('memory pages as recorded'), () => {
  const Continuous = z.tuple([z.string(), Words, z.string(), z.string(), z.string()])
  const Generated = z.object({
    seed: z.string(),
    count: z.coerce.number(),
    startAddr: z.string(),
    z: z.string(),
    alpha: z.string(),
    prime: z.string(),
  })
  const Regular = z.tuple([Words, z.string(), z.string(), z.string()])
  const registered = l1Cases('gps.memory', 'tx').filter(({ ours }) => ours !== undefined)

  test.for(registered.map((one) => [one.id, one] as const))('%s', ([, { call, ours }]) => {
    const { fact, hash, product } = call?.function.startsWith('registerRegular')
      ? regularOf(call.args)
      : continuousOf(call?.args)
    const numbers = { fact, hash: BigInt(hash), prod: product }
    const { fact: theirs, ...rest } = z.record(z.string(), z.string()).parse(ours)
    expect(numbers).toEqual({
      fact: theirs,
      hash: BigInt(rest['hash'] ?? 0),
      prod: BigInt(rest['prod'] ?? 0),
    })
  })

  function regularOf(args: unknown) {
    const [words, at, alpha, prime] = Regular.parse(args)
    const cells = words.flatMap((address, index) =>
      index % 2 === 0 ? [{ address, value: words[index + 1] ?? 0n }] : [],
    )
    return regularPage(cells, { z: BigInt(at), alpha: BigInt(alpha), prime: BigInt(prime) })
  }

  function continuousOf(args: unknown) {
    const generated = Generated.safeParse(args)
    const [start, values, at, alpha, prime] = generated.success
      ? unfolded(generated.data)
      : Continuous.parse(args)
    const challengeOf = { z: BigInt(at), alpha: BigInt(alpha), prime: BigInt(prime) }
    return continuousPage({ startAddress: BigInt(start), values: [...values] }, challengeOf)
  }

  /** Long calldata is left out, and told by how it is made. */
  function unfolded({ seed, count, startAddr, z: at, alpha, prime }: z.infer<typeof Generated>) {
    const values = Array.from(
      { length: count },
      (_, index) => BigInt(keccakOfWords([BigInt(seed), BigInt(index)])) % BigInt(prime),
    )
    return [startAddr, values, at, alpha, prime] as const
  }
})
