import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { readVerifications } from '../../../../lib/adapters/settlement/integrity/read-verifications.ts'
import {
  type CairoNode,
  deployedOnDevnet,
  devnetAbsent,
  hostedOnBox,
} from '../../../infra/contracts/cairo-node.ts'
import { felt } from '../../../infra/contracts/piltover/appchain-output.ts'

const words = (names: string): readonly bigint[] => names.split(' ').map(felt)
const recursive = {
  layout: 'recursive',
  hasher: 'keccak_160_lsb',
  stoneVersion: 'stone6',
  memoryVerification: 'relaxed',
}
// Herodotus' own tests assert the fact; the hash of its verification with that configuration and 96 bits follows by integrity's formula.
const fact = 0x1c446d13efc5a3a16387eeec2c9347e9fd44e195b178916e1bd27c0a18220f1n
const known = 0x151040695246c7977a95fec79d3524a12fdce4fdd00b7b30680d051705bb53en

function suite(name: string, absent: string, start: () => Promise<CairoNode>): void {
  describe.skipIf(absent !== '')(`${name}${absent}`, () => {
    let node: CairoNode
    beforeAll(async () => {
      node = await start()
      const verifier = ['register_verifier', ...words('recursive keccak'), 7n] as const
      await node.send('owner', node.registry, verifier)
    }, 240_000)
    afterAll(async () => node.stop())
    const read = async (registry: `0x${string}`, asked = fact) =>
      readVerifications(node.chain.rpc, { registry, fact: asked, at: 'latest' })
    const register = async (to: `0x${string}`, names: string, bits: bigint) =>
      node.send('stranger', to, ['register_fact', ...words(names), fact, bits])

    test('a fact that nobody registered has no verifications', async () => {
      expect(await read(node.registry)).toEqual([])
    })

    test('each is read with its hash, its bits, its configuration by name and its verifier, oldest first', async () => {
      await register(node.registry, 'recursive keccak_160_lsb stone6 relaxed', 96n)
      await register(node.registry, 'recursive keccak_248_lsb stone5 strict', 60n)
      expect(await read(node.registry)).toEqual([
        { hash: known, securityBits: 96, config: recursive, verifier: 'known' },
        {
          hash: expect.any(BigInt) as bigint,
          securityBits: 60,
          config: {
            layout: 'recursive',
            hasher: 'keccak_248_lsb',
            stoneVersion: 'stone5',
            memoryVerification: 'strict',
          },
          verifier: 'known',
        },
      ])
    })

    test('what a mocked registry was told is a mock, whatever it was told', async () => {
      await register(node.mocked, 'recursive keccak_160_lsb stone6 relaxed', 96n)
      await node.send('stranger', node.mocked, ['register_fact', 1n, 2n, 3n, 4n, fact, 96n])
      await register(node.mocked, '0xzz odd 0x stone', 96n)
      const read3 = await read(node.mocked)
      expect(read3.map(({ verifier }) => verifier)).toEqual(['mock', 'mock', 'mock'])
      expect(read3[1]?.config.layout).toBe('0x1')
    })

    test('a contract that is no registry is trouble, never an absent fact', async () => {
      await expect(read(node.appchain)).rejects.toThrow('error 21')
    })
  })
}

suite('verifications on the box', '', hostedOnBox)
suite('verifications on a real node', devnetAbsent, deployedOnDevnet)
