import { onePlace } from '../../../lib/adapters/chains/one-place.ts'
import { blockBy } from '../../../lib/adapters/starknet-read.ts'

/** The hash that a Starknet node has at that number. */
export async function hashAt(url: string, number: number): Promise<bigint> {
  const { rpc } = onePlace({ chain: 'starknet', url })
  const [block] = await rpc.values([blockBy({ block_number: number })])
  return BigInt(block.hash)
}
