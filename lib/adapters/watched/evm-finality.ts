import * as z from 'zod/mini'

import type { Rpc, RpcRequest } from '../rpc.ts'

/** How far the newest final block of an Ethereum chain is behind its newest one, in ms. Throws the node's trouble. */
export async function evmFinalityMs(rpc: Rpc): Promise<number> {
  const [newest, final] = await rpc.values([timeAt('latest'), timeAt('finalized')])
  return Math.max(0, newest - final) * 1000
}

function timeAt(tag: 'latest' | 'finalized'): RpcRequest<number> {
  return {
    method: 'eth_getBlockByNumber',
    params: [tag, false],
    read: (result) => Number(Header.parse(result).timestamp),
  }
}

const Header = z.object({ timestamp: z.string().check(z.regex(/^0x[0-9a-fA-F]+$/)) })
