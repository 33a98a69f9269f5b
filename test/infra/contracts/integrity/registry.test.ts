import { hash } from 'starknet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { hashOfCairo, readCairoClass } from '../../../../infra/contracts/cairo/cairo-class.ts'
import { integritySource } from '../../../../infra/contracts/integrity/integrity-class.ts'
import { type CairoNode, deployedOnDevnet, devnetAbsent, hostedOnBox } from '../cairo-node.ts'
import { felt, poseidon, selector } from '../piltover/appchain-output.ts'

describe('the compiled registry', () => {
  test('is what its source says, or its compile.ts must be run again', () => {
    expect(readCairoClass(integritySource).sourceHash).toBe(hashOfCairo(integritySource))
  })

  test('is the class whose hash stands beside it', () => {
    const { classHash, contract } = readCairoClass(integritySource)
    expect(hash.computeContractClassHash(contract)).toBe(classHash)
  })
})

const configOf = (words: string): readonly bigint[] => words.split(' ').map(felt)
const relaxed = configOf('recursive keccak_160_lsb stone6 relaxed')
const preset = configOf('recursive keccak')
const verifier = 0x7e51f1e5n
// Herodotus' own tests (atlantic-examples) assert the fact; the verification's hash follows from it by integrity's formula.
const fact = 0x1c446d13efc5a3a16387eeec2c9347e9fd44e195b178916e1bd27c0a18220f1n
const known = 0x151040695246c7977a95fec79d3524a12fdce4fdd00b7b30680d051705bb53en
const hashed = (config: readonly bigint[], bits: bigint) => poseidon([fact, poseidon(config), bits])
const refused = (reason: string) => ({ kind: 'reverted', reason })

function suite(name: string, absent: string, start: () => Promise<CairoNode>): void {
  describe.skipIf(absent !== '')(`${name}${absent}`, () => {
    let node: CairoNode
    beforeAll(async () => {
      node = await start()
    }, 240_000)
    afterAll(async () => node.stop())
    const register = async (
      by: 'owner' | 'stranger',
      config: readonly bigint[],
      bits: bigint,
      to = node.registry,
    ) => node.send(by, to, ['register_fact', ...config, fact, bits])

    test('knows nothing before anything was registered', async () => {
      const list = ['get_all_verifications_for_fact_hash', fact] as const
      expect(await node.ask(node.registry, list)).toEqual([0n])
      expect(await node.ask(node.registry, ['get_verification', known])).toEqual([1n])
    })

    test('takes no fact without a verifier for its layout and hasher, or with settings that nobody knows', async () => {
      const refusals = {
        'recursive keccak_160_lsb stone6 relaxed': 'VERIFIER_NOT_FOUND',
        'recursive keccak_160_lsb stone7 relaxed': 'Unsupported stone version',
        'recursive pedersen stone7 relaxed': 'Unsupported hasher variant',
        'recursive pedersen stone7 cairo2': 'Unsupported cairo version',
      }
      for (const [config, reason] of Object.entries(refusals))
        expect(await register('owner', configOf(config), 96n)).toEqual({ kind: 'reverted', reason })
    })

    test('lets only its owner name a verifier, once, and one that is there', async () => {
      const named = ['register_verifier', ...preset, verifier] as const
      expect(await node.send('stranger', node.registry, named)).toEqual(refused('ONLY_OWNER'))
      expect(await node.send('owner', node.registry, ['register_verifier', ...preset, 0n])).toEqual(
        refused('INVALID_VERIFIER_ADDRESS'),
      )
      expect(await node.ask(node.registry, ['get_verifier_address', ...preset])).toBe(
        'VERIFIER_NOT_FOUND',
      )
      expect(await node.send('owner', node.registry, named)).toEqual({
        kind: 'ok',
        events: [{ keys: [selector('VerifierRegistered'), verifier, ...preset], data: [] }],
      })
      expect(await node.send('owner', node.registry, named)).toEqual(
        refused('VERIFIER_ALREADY_EXISTS'),
      )
      expect(await node.ask(node.registry, ['get_verifier_address', ...preset])).toEqual([verifier])
    })

    test('registers a verification under its hash, with all that it is in the event’s keys', async () => {
      const keys = [selector('FactRegistered'), fact, verifier, 96n, ...relaxed, known]
      expect(selector('FactRegistered')).toBe(
        0x21b498a3d76b147fd095b60bbe6bbc014f2890642d9bd64cef63f8ff5bf3fabn,
      )
      expect(await register('stranger', relaxed, 96n)).toEqual({
        kind: 'ok',
        events: [{ keys, data: [] }],
      })
      expect(await node.ask(node.registry, ['get_verification', known])).toEqual([
        0n,
        fact,
        96n,
        ...relaxed,
      ])
    })

    test('tells of a repeat again, and lists it once; other bits or settings are other verifications', async () => {
      const strict = configOf('recursive keccak_248_lsb stone5 strict')
      const again = await register('owner', relaxed, 96n)
      expect(again).toMatchObject({ kind: 'ok', events: [{ data: [] }] })
      await register('owner', relaxed, 12n)
      await register('owner', strict, 60n)
      const listed = [
        [known, 96n, ...relaxed],
        [hashed(relaxed, 12n), 12n, ...relaxed],
        [hashed(strict, 60n), 60n, ...strict],
      ]
      expect(await node.ask(node.registry, ['get_all_verifications_for_fact_hash', fact])).toEqual([
        3n,
        ...listed.flat(),
      ])
    })

    test('mocked, takes whatever it is told and says that no verifier looked at it', async () => {
      const odd = configOf('any thing goes here')
      const keys = [selector('FactRegistered'), fact, 0n, 96n, ...odd, hashed(odd, 96n)]
      expect(await register('stranger', odd, 96n, node.mocked)).toEqual({
        kind: 'ok',
        events: [{ keys, data: [] }],
      })
      expect(await node.ask(node.mocked, ['get_verifier_address', ...preset])).toEqual([0n])
    })
  })
}

suite('the registry by the box’s rules', '', hostedOnBox)
suite('the registry in Cairo on a real node', devnetAbsent, deployedOnDevnet)
