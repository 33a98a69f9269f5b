import * as z from 'zod/mini'

import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { RpcRequest } from '../rpc.ts'
import { FeltHex } from '../starknet-felt.ts'

/** A block that the sequencer has closed. */
export type StarknetHeader = {
  readonly number: number
  readonly hash: `0x${string}`
  readonly parentHash: `0x${string}`
  /** Of the state after it. */
  readonly root: `0x${string}`
  readonly time: Timestamp
  /** The rules that it was made by: the Starknet OS of one version cannot prove another's. */
  readonly version: string
  readonly transactions: number
}

const Status = z.object({ status: z.string() })
const Header = z.object({
  block_number: z.int().check(z.nonnegative()),
  block_hash: FeltHex,
  parent_hash: FeltHex,
  new_root: FeltHex,
  timestamp: z.int().check(z.nonnegative()),
  starknet_version: z.string(),
  transactions: z.array(z.unknown()),
})

/** PRE_CONFIRMED is a node's guess, and what was rejected, reverted or aborted is no block either. */
const accepted = new Set(['ACCEPTED_ON_L2', 'ACCEPTED_ON_L1'])

/** A block's header; undefined where it is not accepted yet, and error 24 where there is none. */
export function headerAt(number: number): RpcRequest<StarknetHeader | undefined> {
  return {
    method: 'starknet_getBlockWithTxHashes',
    params: { block_id: { block_number: number } },
    read(result) {
      if (!accepted.has(Status.parse(result).status)) return undefined
      const header = Header.parse(result)
      z.literal(number).parse(header.block_number)
      return {
        number,
        hash: header.block_hash,
        parentHash: header.parent_hash,
        root: header.new_root,
        time: timestamp(header.timestamp * 1000),
        version: header.starknet_version,
        transactions: header.transactions.length,
      }
    },
  }
}
