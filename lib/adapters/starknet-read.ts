import * as z from 'zod/mini'

import { timestamp } from '../domain/time.ts'
import type { Block } from '../domain/transaction.ts'
import type { RpcRequest } from './rpc.ts'
import { Felt, feltHex, FeltHex, selectorOf } from './starknet-felt.ts'

/** Which state is asked. `pre_confirmed`: with everything that the block being built has already; it is nobody's head. */
export type BlockId =
  | 'latest'
  | 'pre_confirmed'
  | { readonly block_number: number }
  | { readonly block_hash: `0x${string}` }

const Header = z.object({
  block_number: z.int().check(z.nonnegative()),
  block_hash: FeltHex,
  timestamp: z.int().check(z.nonnegative()),
})

/** The block's header; error 24 where there is none. */
export function blockBy(id: Exclude<BlockId, 'pre_confirmed'>): RpcRequest<Block> {
  return {
    method: 'starknet_getBlockWithTxHashes',
    params: { block_id: id },
    read: (result) => {
      const { block_number, block_hash, timestamp: seconds } = Header.parse(result)
      return { number: block_number, hash: block_hash, time: timestamp(seconds * 1000) }
    },
  }
}

const Felts = z.array(Felt)

/** Calls a view. Errors: 20 no such contract, 21 no such entry point, 40 it panicked. */
export function view(call: {
  readonly contract: `0x${string}`
  readonly entrypoint: string
  readonly calldata?: readonly bigint[]
  readonly at: BlockId
}): RpcRequest<readonly bigint[]> {
  const { contract, entrypoint, calldata = [], at } = call
  const request = {
    contract_address: contract,
    entry_point_selector: selectorOf(entrypoint),
    calldata: calldata.map(feltHex),
  }
  return {
    method: 'starknet_call',
    params: { request, block_id: at },
    read: (result) => Felts.parse(result),
  }
}
