import * as z from 'zod/mini'

import type { Rpc, RpcRequest } from '../rpc.ts'

/** How long a block takes, by the last thousand, in ms. Throws the node's trouble, and `NoBlocksYetError`. */
export async function evmPaceMs(rpc: Rpc): Promise<number> {
  const [head] = await rpc.values([header('latest')])
  const back = Math.min(1_000, head.number)
  if (back === 0) throw new NoBlocksYetError()
  const [before] = await rpc.values([header(`0x${(head.number - back).toString(16)}`)])
  return Math.max(1, ((head.seconds - before.seconds) * 1000) / back)
}

function header(block: string): RpcRequest<{ readonly number: number; readonly seconds: number }> {
  return {
    method: 'eth_getBlockByNumber',
    params: [block, false],
    read(result) {
      const { number, timestamp } = Header.parse(result)
      return { number: Number(number), seconds: Number(timestamp) }
    },
  }
}

const Hex = z.string().check(z.regex(/^0x[0-9a-fA-F]+$/))
const Header = z.object({ number: Hex, timestamp: Hex })

/** A chain of one block has no pace. */
export class NoBlocksYetError extends Error {
  override readonly name = 'NoBlocksYetError'

  constructor() {
    super('the chain has no blocks yet that would tell how long one takes')
  }
}
