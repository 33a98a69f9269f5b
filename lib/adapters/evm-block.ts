import type { Hex } from 'viem'
import * as z from 'zod/mini'

import { timestamp } from '../domain/time.ts'
import type { Block } from '../domain/transaction.ts'
import type { RpcRequest } from './rpc.ts'

/** `finalized` is that of the chain's own consensus; a node that has none yet answers null, which is its fault. */
export function blockAt(tag: 'latest' | 'finalized'): RpcRequest<Block> {
  return {
    method: 'eth_getBlockByNumber',
    params: [tag, false],
    read(result) {
      const { number, hash, timestamp: time } = Header.parse(result)
      return { number: Number(number), hash, time: timestamp(Number(time) * 1000) }
    },
  }
}

/** What a contract answers in exactly that block (EIP-1898). */
export function viewIn<T>(
  { to, block }: { readonly to: Hex; readonly block: Block },
  data: Hex,
  decode: (data: Hex) => T,
): RpcRequest<T> {
  return {
    method: 'eth_call',
    params: [{ to, data }, { blockHash: block.hash }],
    read: (result) => decode(Data.parse(result)),
  }
}

const Data = z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-fA-F]*$/))])
const Header = z.object({
  number: Data,
  hash: z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-f]{64}$/))]),
  timestamp: Data,
})
