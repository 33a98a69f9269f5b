import { z } from 'zod'

import type { Kzg } from '../../../lib/adapters/kzg.ts'
import { askNode, Hex } from './ask-node.ts'
import { coreRunInBlobs, coreRunOf, type MakeRun } from './made-run.ts'

const Block = z.object({
  status: z.enum(['ACCEPTED_ON_L2', 'ACCEPTED_ON_L1']),
  block_hash: Hex,
  new_root: Hex,
  transactions: z.array(Hex),
})
type Block = z.output<typeof Block>

/** Runs over a Starknet chain's blocks. What is published of them is the hashes of their transactions. */
export function starknetRuns({
  nodeUrl,
  configHash,
  kzg,
}: {
  readonly nodeUrl: string
  /** That the core on L1 was set up with. */
  readonly configHash: bigint
  /** With it what is published is in blobs. */
  readonly kzg?: Kzg | undefined
}): MakeRun {
  async function block(number: number): Promise<Block | undefined> {
    const params = { block_id: { block_number: number } }
    return Block.safeParse(await askNode(nodeUrl, 'starknet_getBlockWithTxHashes', params)).data
  }

  return async (wanted, spoilt) => {
    const { first, last } = wanted
    const before = first === 0 ? beforeFirst(wanted) : await block(first - 1)
    const blocks: Block[] = []
    for (let number = first; number <= last; number += 1) {
      const one = await block(number)
      if (!one) return undefined
      blocks.push(one)
    }
    const end = blocks.at(-1)
    if (before?.block_hash !== wanted.previousHash || end?.block_hash !== wanted.lastHash)
      return undefined
    const transactions = blocks.flatMap((one) => one.transactions)
    const transition = {
      wanted,
      previousRoot: before.new_root,
      newRoot: end.new_root,
      configHash,
      data: transactions,
      size: transactions.length,
    }
    return kzg ? await coreRunInBlobs(transition, { spoilt, kzg }) : coreRunOf(transition, spoilt)
  }
}

/** As the contract has it: there is no block to ask about. */
function beforeFirst({ previousHash, previousRoot }: Parameters<MakeRun>[0]) {
  return { block_hash: previousHash, new_root: previousRoot }
}
