import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { startStarknetBox } from '../../../infra/local/starknet-box/start-starknet-box.ts'
import { evmBlocks, headsSeen, starknetBlocks } from '../../../lib/adapters/watched/seen-heads.ts'
import type { HeadSight } from '../../../lib/domain/watch/system-sight.ts'
import { aCore } from '../../infra/local/starknet-box/a-box.ts'
import { aChainWithLogs } from './a-chain-with-logs.ts'
import { type FaultyNode, faultyNode } from './faulty-node.ts'
import { placesOf } from './places.ts'

type Remembered = { readonly number: number; readonly hash: string } | undefined

function answered(sight: HeadSight | undefined) {
  if (sight?.answer.kind !== 'head') throw new Error(JSON.stringify(sight))
  return sight.answer
}

/** The same of both kinds of chains. `reorganise`: the last blocks are others now, and as many. */
function suite(
  name: string,
  start: () => Promise<{
    readonly url: string
    readonly questions: typeof evmBlocks
    readonly makeBlock: () => Promise<unknown>
    readonly reorganise: (depth: number) => Promise<unknown>
    readonly stop: () => Promise<unknown>
  }>,
): void {
  describe(`heads of ${name}`, () => {
    let chain: Awaited<ReturnType<typeof start>>
    let nodes: readonly [FaultyNode, FaultyNode]
    beforeAll(async () => {
      chain = await start()
      nodes = [await faultyNode(chain.url), await faultyNode(chain.url)]
      for (let blocks = 0; blocks < 5; blocks += 1) await chain.makeBlock()
    }, 60_000)
    afterAll(async () => {
      await Promise.all(nodes.map(async (node) => node.stop()))
      await chain.stop()
    })
    afterEach(() => {
      for (const node of nodes) {
        node.trouble = 'none'
        node.lie = () => undefined
      }
    })

    const look = async (remembered?: Remembered) =>
      headsSeen('chain', placesOf(...nodes.map(({ url }) => url))(AbortSignal.timeout(10_000)), {
        questions: chain.questions,
        remembered,
      })

    test('are told by each node, under its host', async () => {
      const sights = await look()
      expect(sights.map(({ place }) => place)).toEqual(nodes.map(({ url }) => new URL(url).host))
      const [one, other] = sights.map(answered)
      expect(one).toEqual(other)
      expect(one?.hash).toMatch(/^0x[0-9a-f]+$/)
      expect(Math.abs((one?.time ?? 0) - Date.now())).toBeLessThan(120_000)
      expect(one?.transactions).toBe(0)
      expect(one).not.toHaveProperty('remembered')
    })

    test('still have the head of the last look where nothing was taken back', async () => {
      const { number, hash } = answered((await look())[0])
      await chain.makeBlock()
      const after = answered((await look({ number, hash }))[0])
      expect(after.number).toBe(number + 1)
      expect(after.remembered).toEqual({ number, hash })
    })

    test('have another hash there after a reorganisation', async () => {
      const { number, hash } = answered((await look())[0])
      await chain.reorganise(3)
      const { remembered } = answered((await look({ number, hash }))[0])
      expect(remembered?.number).toBe(number)
      expect(remembered?.hash).toMatch(/^0x/)
      expect(remembered?.hash).not.toBe(hash)
    })

    test('have nothing there where the chain is shorter', async () => {
      const { number } = answered((await look())[0])
      const { remembered } = answered((await look({ number: number + 50, hash: '0x1' }))[0])
      expect(remembered).toEqual({ number: number + 50, hash: undefined })
    })

    test.each(['dead', 'html', 'limit'] as const)(
      'are trouble of one node alone where that is: %s',
      async (trouble) => {
        nodes[0].trouble = trouble
        const [bad, good] = await look()
        expect(bad?.answer).toMatchObject({ kind: 'trouble' })
        expect(answered(good).number).toBeGreaterThan(0)
      },
    )

    test('are trouble where a node tells no block', async () => {
      nodes[0].lie = () => ({ hello: 'world' })
      const [bad] = await look()
      expect(bad?.answer).toMatchObject({
        kind: 'trouble',
        reason: expect.stringContaining('hello') as string,
      })
    })
  })
}

suite('Ethereum', async () => {
  const chain = await aChainWithLogs()
  return {
    url: chain.url,
    questions: evmBlocks,
    makeBlock: async () => chain.mine(1),
    reorganise: async (depth) => chain.rpc('anvil_reorg', depth, []),
    stop: chain.stop,
  }
})

suite('Starknet', async () => {
  const box = await startStarknetBox({ blocks: 'demand', core: aCore() })
  return {
    url: box.url,
    questions: starknetBlocks,
    makeBlock: async () => box.makeBlock(),
    async reorganise(depth) {
      box.faults.set({ fault: 'reorg', blocks: depth, transactions: 'drop' })
      box.advanceSeconds(1)
      for (let blocks = 0; blocks < depth; blocks += 1) box.makeBlock()
    },
    stop: async () => box.stop(),
  }
})
