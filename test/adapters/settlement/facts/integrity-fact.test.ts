import * as fc from 'fast-check'
import { cairo, hash } from 'starknet'
import { describe, expect, test } from 'vitest'

import {
  bootloadedFact,
  cairo1AtlanticFact,
  integrityFact,
  integrityPrograms,
  type VerifierConfig,
  verificationHash,
  verifierConfigHash,
  wrappedFact,
} from '../../../../lib/adapters/settlement/facts/integrity-fact.ts'
import { ownPoseidon } from './own-poseidon.ts'

// Herodotus' own tests (atlantic-examples, l2-verification-contract) assert these values.
const programHash = 0x407908712e70dd914b006062d8d70bd8aeae06bcfc973cbd4309e7f3a2e825bn
const fibonacci = { programHash, output: [10n, 55n] }
const config: VerifierConfig = {
  layout: 'recursive',
  hasher: 'keccak_160_lsb',
  stoneVersion: 'stone6',
  memoryVerification: 'relaxed',
}
const { sharpBootloader, stoneBootloader, cairoVerifier } = integrityPrograms

const felt = fc.bigInt({ min: 0n, max: 2n ** 251n })
const run = fc.record({ programHash: felt, output: fc.array(felt, { maxLength: 6 }) })
const bySdk = (felts: readonly bigint[]) => BigInt(hash.computePoseidonHashOnElements([...felts]))

describe('our own Poseidon', () => {
  test('is the sponge of starknet.js for any number of felts', () => {
    fc.assert(
      fc.property(fc.array(felt, { maxLength: 5 }), (felts) => {
        expect(ownPoseidon(felts)).toBe(bySdk(felts))
      }),
      { numRuns: 10 },
    )
  })
})

describe('a fact of Integrity', () => {
  test('is the known one for a known program', () => {
    expect(integrityFact(fibonacci)).toBe(
      0x7644e093038ed0b526aa14027a9caf567103bbd3832c19796fe6cecfec03acn,
    )
    expect(bootloadedFact(sharpBootloader, fibonacci)).toBe(
      0x1c446d13efc5a3a16387eeec2c9347e9fd44e195b178916e1bd27c0a18220f1n,
    )
    const cairo1 = {
      programHash: 0x1b2f325bf7c611b8cf643eed5451102df4128cb17d621dad15e2cdb9d3e3afbn,
      input: [17n],
      output: [1597n],
    }
    expect(cairo1AtlanticFact(cairo1)).toBe(
      0x5c596ac545e4ca0e8c459ff2af206315e49ec121fdc101d35b5ab038b823923n,
    )
  })

  test('is the hash of the program with the hash of its output', () => {
    fc.assert(
      fc.property(run, ({ programHash: program, output }) => {
        const fact = ownPoseidon([program, ownPoseidon(output)])
        expect(integrityFact({ programHash: program, output })).toBe(fact)
      }),
      { numRuns: 10 },
    )
  })

  test('wrapped is the verifier, bootloaded, over the hash of what the first bootloader put out', () => {
    const inner = ownPoseidon([1n, 4n, programHash, 10n, 55n])
    const outer = ownPoseidon([1n, 4n, cairoVerifier, stoneBootloader, inner])
    const wrapped = wrappedFact({
      bootloader: stoneBootloader,
      wrapper: cairoVerifier,
      run: fibonacci,
    })
    expect(wrapped).toBe(ownPoseidon([stoneBootloader, outer]))
    expect(wrapped).not.toBe(bootloadedFact(stoneBootloader, fibonacci))
  })

  test('is not the hash of two numbers by itself', () => {
    const raw = hash.computePoseidonHash(programHash, ownPoseidon(fibonacci.output))
    expect(integrityFact(fibonacci)).not.toBe(BigInt(raw))
  })
})

describe('a verification', () => {
  const fact = bootloadedFact(sharpBootloader, fibonacci)

  test('has the known name for the known fact', () => {
    expect(verifierConfigHash(config)).toBe(
      0x41e2c3529cc5b8883b2979a881c2cd9a94deaa1e94eb57b4acd073e3947cffcn,
    )
    expect(verificationHash({ fact, config, securityBits: 96 })).toBe(
      0x151040695246c7977a95fec79d3524a12fdce4fdd00b7b30680d051705bb53en,
    )
  })

  test('has the name of its configuration in short strings', () => {
    const words = ['dex', 'blake2s_248_lsb', 'stone5', 'cairo1'] as const
    const [layout, hasher, stoneVersion, memoryVerification] = words
    const felts = words.map((text) => BigInt(cairo.felt(text)))
    expect(verifierConfigHash({ layout, hasher, stoneVersion, memoryVerification })).toBe(
      ownPoseidon(felts),
    )
  })

  test('has another name at another number of bits or with another configuration', () => {
    const names = [
      verificationHash({ fact, config, securityBits: 96 }),
      verificationHash({ fact, config, securityBits: 95 }),
      verificationHash({ fact, config: { ...config, layout: 'small' }, securityBits: 96 }),
      verificationHash({ fact: fact + 1n, config, securityBits: 96 }),
    ]
    expect(new Set(names).size).toBe(names.length)
  })
})
