import * as z from 'zod/mini'

import { timestamp } from '../../domain/time.ts'
import type { Block } from '../../domain/transaction.ts'
import type { RpcRequest } from '../rpc.ts'

const hex = z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-fA-F]*$/))])
const Hash = z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-f]{64}$/))])
const Quantity = z.pipe(
  z.string().check(z.regex(/^0x[0-9a-fA-F]+$/)),
  z.transform((text) => BigInt(text)),
)
const Header = z.object({
  number: Quantity,
  hash: Hash,
  timestamp: Quantity,
  baseFeePerGas: z.optional(Quantity),
})

export type BlockTag = 'latest' | 'pending' | `0x${string}`

export function quantity(method: string, params: unknown = []): RpcRequest<bigint> {
  return { method, params, read: (result) => Quantity.parse(result) }
}

/** The block's header, or undefined where the chain has none there. */
export function blockBy(by: { tag: BlockTag } | { hash: string }): RpcRequest<Header | undefined> {
  const read = (result: unknown) => (result === null ? undefined : headerOf(Header.parse(result)))
  return 'tag' in by
    ? { method: 'eth_getBlockByNumber', params: [by.tag, false], read }
    : { method: 'eth_getBlockByHash', params: [by.hash, false], read }
}

/** The newest block; a node without any is no node of a chain that runs. */
export const newestBlock: RpcRequest<Block> = {
  method: 'eth_getBlockByNumber',
  params: ['latest', false],
  read: (result) => headerOf(Header.parse(result)).block,
}

/** `baseFeePerGas`: undefined on chains without EIP-1559. */
export type Header = { readonly block: Block; readonly baseFeePerGas: bigint | undefined }

function headerOf({
  number,
  hash,
  timestamp: time,
  baseFeePerGas,
}: z.infer<typeof Header>): Header {
  const block = { number: Number(number), hash, time: timestamp(Number(time) * 1000) }
  return { block, baseFeePerGas }
}

export type CallObject = {
  readonly from: `0x${string}`
  readonly to: `0x${string}`
  readonly data: `0x${string}`
  readonly gas?: string
  readonly value?: string
  /** Without them every node answers a contract that reads them as if there were none. */
  readonly blobVersionedHashes?: readonly `0x${string}`[]
}

export function ethCall(call: CallObject, tag: BlockTag): RpcRequest<`0x${string}`> {
  return { method: 'eth_call', params: [call, tag], read: (result) => hex.parse(result) }
}

const Receipt = z.object({
  blockHash: Hash,
  status: z.enum(['0x0', '0x1']),
  gasUsed: Quantity,
  effectiveGasPrice: Quantity,
  // OP-stack chains charge the data's way to L1 on top.
  l1Fee: z.optional(z.nullable(Quantity)),
  blobGasUsed: z.optional(z.nullable(Quantity)),
  blobGasPrice: z.optional(z.nullable(Quantity)),
})
export type Receipt = z.infer<typeof Receipt>

export function receiptOf(hash: string): RpcRequest<Receipt | undefined> {
  return {
    method: 'eth_getTransactionReceipt',
    params: [hash],
    read: (result) => (result === null ? undefined : Receipt.parse(result)),
  }
}

const Transaction = z.object({
  from: hex,
  to: hex,
  input: hex,
  gas: Quantity,
  value: Quantity,
  blobVersionedHashes: z.optional(z.nullable(z.readonly(z.array(Hash)))),
})
export type SentTransaction = z.infer<typeof Transaction>

export function transactionOf(hash: string): RpcRequest<SentTransaction | undefined> {
  return {
    method: 'eth_getTransactionByHash',
    params: [hash],
    read: (result) => (result === null ? undefined : Transaction.parse(result)),
  }
}
