import { onTestFinished } from 'vitest'

import { evmChain } from '../../../lib/adapters/chains/evm.ts'
import type { Clock } from '../../../lib/ports.ts'
import { scriptedNode } from '../chains/scripted-node.ts'

export const engine = '0x00000000000000000000000000000000000000e1'

export type ToldLog = { readonly topics: readonly `0x${string}`[]; readonly data: `0x${string}` }

export type EvmBlock = {
  readonly number: number
  readonly hash: `0x${string}`
  readonly seconds: number
  readonly logs: readonly ToldLog[]
}

/** An EVM chain that a test writes block by block, with an engine on it, and nodes that show it, each up to some height. */
export async function anEvm({
  nodes: count = 1,
  clock,
}: {
  readonly nodes?: number
  readonly clock: Clock
}) {
  const blocks: EvmBlock[] = []
  let fork = 0
  const nodes = await Promise.all(
    Array.from({ length: count }, async () => {
      const state = { behind: 0, isDown: false, mostBlocks: 10_000, logQuestions: 0 }
      const node = await scriptedNode((method, params) => {
        if (state.isDown) return { error: { code: -32005, message: 'rate limit' } }
        const shown = blocks.slice(0, Math.max(1, blocks.length - state.behind))
        const args = params as readonly unknown[]
        if (method === 'eth_chainId') return { result: '0x7a69' }
        if (method === 'eth_getBlockByNumber') {
          const block = args[0] === 'latest' ? shown.at(-1) : shown[Number(args[0])]
          return { result: block ? headerOf(block) : null }
        }
        if (method !== 'eth_getLogs') return undefined
        state.logQuestions += 1
        const filter = args[0] as { address: string; fromBlock: string; toBlock: string }
        const [from, to] = [Number(filter.fromBlock), Number(filter.toBlock)]
        if (to - from + 1 > state.mostBlocks)
          return { error: { code: -32602, message: 'query exceeds max block range' } }
        const result = shown
          .slice(from, to + 1)
          .flatMap((block) => block.logs.map((log, at) => logOf(block, log, at)))
        return { result: filter.address === engine ? result : [] }
      })
      onTestFinished(async () => node.stop())
      return { url: node.url, state }
    }),
  )

  function add({
    actions = 1,
    after = 2,
    logs,
  }: { actions?: number; after?: number; logs?: readonly ToldLog[] } = {}): EvmBlock {
    const number = blocks.length
    const block = {
      number,
      // All bits above the lower 250 are set, too.
      hash: word(2n ** 256n - 2n ** 250n + BigInt(fork * 1_000_000 + number)),
      seconds: (blocks.at(-1)?.seconds ?? 1_800_000_000) + after,
      logs: logs ?? Array.from({ length: actions }, (_, at) => anAction(number * 100 + at + fork)),
    }
    blocks.push(block)
    return block
  }

  return {
    blocks,
    nodes,
    add,
    reorganise(depth: number): void {
      const lost = blocks.splice(-depth)
      fork += 1
      for (const block of lost) add({ actions: block.logs.length })
    },
    /** As a process sees it that has just begun. */
    open: () =>
      evmChain({
        name: 'engine-chain',
        rpcUrls: nodes.map(({ url }) => url),
        chainId: 31_337,
        blockSeconds: 2,
        finalityBlocks: 10,
        keys: [],
        clock,
      }),
  }
}

/** Of 96 bytes: two topics, and a word of data. */
export function anAction(seed: number): ToldLog {
  return { topics: [word(0xf00dn), word(BigInt(seed))], data: word(BigInt(seed) + 1n) }
}

function headerOf({ number, hash, seconds }: EvmBlock): object {
  return { number: quantity(number), hash, timestamp: quantity(seconds), baseFeePerGas: '0x1' }
}

function logOf({ number, hash }: EvmBlock, { topics, data }: ToldLog, at: number): object {
  const place = { blockNumber: quantity(number), blockHash: hash, logIndex: quantity(at + 3) }
  return { address: engine, topics, data, ...place }
}

function quantity(value: number): string {
  return `0x${value.toString(16)}`
}

export function word(value: bigint): `0x${string}` {
  return `0x${value.toString(16).padStart(64, '0')}`
}
