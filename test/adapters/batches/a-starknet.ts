import { onTestFinished } from 'vitest'

import { starknetChain } from '../../../lib/adapters/chains/starknet.ts'
import type { Clock } from '../../../lib/ports.ts'
import { scriptedNode } from '../chains/scripted-node.ts'

/** A block as a node shows it. */
export type ToldBlock = {
  number: number
  hash: bigint
  parentHash: bigint
  root: bigint
  seconds: number
  version: string
  status: string
  transactions: number
}

/** A Starknet chain that a test writes block by block, and nodes that show it, each up to some height. */
export async function aStarknet({
  nodes: count = 1,
  clock,
}: {
  readonly nodes?: number
  readonly clock: Clock
}) {
  const blocks: ToldBlock[] = []
  let fork = 1n
  const nodes = await Promise.all(
    Array.from({ length: count }, async () => {
      const state = { behind: 0, isDown: false, asked: 0 }
      const shown = () => blocks.slice(0, Math.max(1, blocks.length - state.behind))
      const node = await scriptedNode((method, params) => {
        state.asked += 1
        if (state.isDown) return { error: { code: -32603, message: 'down' } }
        if (method === 'starknet_chainId') return { result: '0x534e' }
        if (method !== 'starknet_getBlockWithTxHashes') return undefined
        const id = (params as { block_id: 'latest' | { block_number: number } }).block_id
        const seen = shown()
        const block =
          id === 'latest'
            ? seen.findLast(({ status }) => status !== 'PRE_CONFIRMED')
            : seen[id.block_number]
        return block
          ? { result: shapeOf(block) }
          : { error: { code: 24, message: 'Block not found' } }
      })
      onTestFinished(async () => node.stop())
      return { url: node.url, state }
    }),
  )

  /** One more block, so many seconds after the one before. */
  function add(told: Partial<ToldBlock> & { readonly after?: number } = {}): ToldBlock {
    const number = blocks.length
    const parent = blocks.at(-1)
    const { after = 2, ...rest } = told
    const block = {
      number,
      hash: fork * 1_000_000n + BigInt(number) + 7n,
      parentHash: parent?.hash ?? 0n,
      root: fork * 1_000_000n + BigInt(number) * 31n + 5n,
      seconds: (parent?.seconds ?? 1_800_000_000) + after,
      version: '0.14.0',
      status: 'ACCEPTED_ON_L2',
      transactions: 1,
      ...rest,
    }
    blocks.push(block)
    return block
  }

  return {
    blocks,
    nodes,
    add,
    /** The newest blocks are others from now on, and as many. */
    reorganise(depth: number): void {
      const lost = blocks.splice(-depth)
      fork += 1n
      for (const { transactions } of lost) add({ transactions })
    },
    /** As a process sees it that has just begun. */
    open: () =>
      starknetChain({
        name: 'appchain',
        rpcUrls: nodes.map(({ url }) => url),
        blockSeconds: 2,
        chainId: '0x534e',
        finalityBlocks: 10,
        keys: {},
        clock,
      }),
  }
}

function shapeOf(block: ToldBlock): object {
  const { status, number, hash, parentHash, root, seconds, version, transactions } = block
  const common = {
    block_number: number,
    timestamp: seconds,
    starknet_version: version,
    transactions: Array.from({ length: transactions }, (_, at) =>
      hex(BigInt(number) * 1_000n + BigInt(at)),
    ),
  }
  // starknet-specs 0.9 and later: a block that is being built has neither hash nor parent nor root.
  if (status === 'PRE_CONFIRMED') return { status, ...common }
  return {
    status,
    block_hash: hex(hash),
    parent_hash: hex(parentHash),
    new_root: hex(root),
    ...common,
  }
}

export function hex(value: bigint): `0x${string}` {
  return `0x${value.toString(16)}`
}
