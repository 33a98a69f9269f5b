import { isDeepStrictEqual } from 'node:util'

import * as fc from 'fast-check'

import { limit, order, prime } from '../../../../lib/adapters/signers/stark-wasm/curve.ts'
import type { StarkMath } from '../../../../lib/adapters/signers/stark-wasm/stark-math.ts'

/** Uniform, near both ends, and of few bits: short numbers take other ways through RFC 6979 and through tables. */
function numbers(min: bigint, end: bigint): fc.Arbitrary<bigint> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.bigInt({ min, max: end - 1n }) },
    { weight: 1, arbitrary: fc.constantFrom(min, min + 1n, end - 2n, end - 1n) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.bigInt({ min, max: end - 1n }), fc.integer({ min: 0, max: 250 }))
        .map(([value, bits]) => (value >> BigInt(bits) > min ? value >> BigInt(bits) : min)),
    },
  )
}

const secrets = numbers(1n, order)
const hashes = numbers(1n, limit)
const felts = numbers(0n, prime)
const messages = fc.record({
  first: fc.bigInt({ min: 0n, max: 2n ** 168n - 1n }),
  second: fc.bigInt({ min: 0n, max: 2n ** 152n - 1n }),
})

export type Amounts = {
  readonly keys: number
  readonly hashesPerKey: number
  readonly pairs: number
  readonly claims: number
}

/** Everything on which two arithmetics do not agree bit by bit, with what was asked, and how much was asked. */
export function compare(
  { one, other }: { readonly one: StarkMath; readonly other: StarkMath },
  seed: number,
  { keys, hashesPerKey, pairs, claims }: Amounts,
): { readonly compared: number; readonly different: readonly unknown[] } {
  const different: unknown[] = []
  let compared = 0
  const same = (asked: readonly unknown[], left: readonly unknown[], right: readonly unknown[]) => {
    compared += asked.length
    for (const [at, question] of asked.entries())
      if (!isDeepStrictEqual(left[at], right[at])) different.push([question, left[at], right[at]])
  }
  const sample = <T>(arbitrary: fc.Arbitrary<T>, count: number, part: number): readonly T[] =>
    fc.sample(arbitrary, { numRuns: count, seed: seed + part })

  const made = sample(secrets, keys, 0).flatMap((secret, at) => {
    const asked = sample(hashes, hashesPerKey, 100 + at)
    const key = other.publicKey(secret)
    const signatures = other.sign(secret, asked)
    same([secret], [one.publicKey(secret)], [key])
    same(
      asked.map((hash) => [secret, hash]),
      one.sign(secret, asked),
      signatures,
    )
    return asked.map((hash, index) => ({ key, hash, r: 0n, s: 0n, ...signatures[index] }))
  })
  const mixed = [
    ...sample(fc.record({ first: felts, second: felts }), pairs >> 1, 1),
    ...sample(messages, pairs - (pairs >> 1), 2),
  ]
  same(mixed, one.pedersen(mixed), other.pedersen(mixed))
  const bends = sample(
    fc.tuple(
      fc.nat(made.length - 1),
      fc.constantFrom('none', 'hash', 'r', 's', 'mirror', 'key', 'random'),
      hashes,
      hashes,
      hashes,
      hashes,
    ),
    claims,
    3,
  )
  const bent = bends.map(([at, how, key, hash, r, s]) => {
    const claim = made[at] ?? { key, hash, r, s }
    switch (how) {
      case 'none':
        return claim
      case 'hash':
        return { ...claim, hash }
      case 'r':
        return { ...claim, r }
      case 's':
        return { ...claim, s }
      case 'mirror':
        return { ...claim, s: order - claim.s }
      case 'key':
        return { ...claim, key }
      case 'random':
        return { key, hash, r, s }
    }
  })
  same(bent, one.verify(bent), other.verify(bent))
  return { compared, different }
}
