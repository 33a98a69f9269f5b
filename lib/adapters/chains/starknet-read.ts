import * as z from 'zod/mini'

import type { RpcRequest } from '../rpc.ts'
import { Felt, feltHex, FeltHex } from '../starknet-felt.ts'
import { type BlockId, view } from '../starknet-read.ts'
import type { Consumption } from './starknet-fee.ts'
import { type Invoke, queryOf } from './starknet-invoke.ts'

export const idOfChain: RpcRequest<bigint> = {
  method: 'starknet_chainId',
  params: [],
  read: (result) => Felt.parse(result),
}

/** Error 20 where no account is deployed there. */
export function nonceAt(account: `0x${string}`, at: BlockId): RpcRequest<bigint> {
  return {
    method: 'starknet_getNonce',
    params: { block_id: at, contract_address: account },
    read: (result) => Felt.parse(result),
  }
}

/** STRK, which fees are paid in, on every public Starknet (starknet-io/starknet-addresses; starknet-devnet has it there too). */
const strk = '0x4718f5a0fc34cc1af16a1cdee98ffb20c31f5cd61d6ab07201858f4287c938d'

export function strkOf(account: `0x${string}`): RpcRequest<readonly bigint[]> {
  const calldata = [BigInt(account)]
  return view({ contract: strk, entrypoint: 'balanceOf', calldata, at: 'latest' })
}

const Estimate = z.object({
  l1_gas_consumed: Felt,
  l1_gas_price: Felt,
  l2_gas_consumed: Felt,
  l2_gas_price: Felt,
  l1_data_gas_consumed: Felt,
  l1_data_gas_price: Felt,
})

export type Estimate = {
  readonly l1Gas: Consumption
  readonly l2Gas: Consumption
  readonly l1DataGas: Consumption
}

/**
 * Runs the transaction on the block being built and says what it would use; error 41 where it would revert. Without validation, so that no
 * signature on a fee nobody means is needed.
 */
export function estimateOf(invoke: Invoke): RpcRequest<Estimate> {
  return {
    method: 'starknet_estimateFee',
    params: {
      request: [queryOf(invoke)],
      simulation_flags: ['SKIP_VALIDATE'],
      block_id: 'pre_confirmed',
    },
    read: (result) => {
      const [one] = z.tuple([Estimate]).parse(result)
      return {
        l1Gas: { consumed: one.l1_gas_consumed, price: one.l1_gas_price },
        l2Gas: { consumed: one.l2_gas_consumed, price: one.l2_gas_price },
        l1DataGas: { consumed: one.l1_data_gas_consumed, price: one.l1_data_gas_price },
      }
    },
  }
}

const Tipped = z.object({ transactions: z.array(z.object({ tip: z.optional(Felt) })) })

/** What the transactions of the newest block tip; those of older versions cannot. */
export function newestTips(): RpcRequest<readonly bigint[]> {
  return {
    method: 'starknet_getBlockWithTxs',
    params: { block_id: 'latest' },
    read: (result) =>
      Tipped.parse(result).transactions.flatMap(({ tip }) => (tip === undefined ? [] : [tip])),
  }
}

const Added = z.object({ transaction_hash: Felt })

/** A node that gives the transaction another hash than `hash` has not read what was sent. */
export function addInvoke(json: unknown, hash: bigint): RpcRequest<undefined> {
  return {
    method: 'starknet_addInvokeTransaction',
    params: { invoke_transaction: json },
    read: (result) => {
      z.literal(hash).parse(Added.parse(result).transaction_hash)
      return undefined
    },
  }
}

// Names of states vary by version of the RPC; only the accepted ones must be known.
const Status = z.object({ finality_status: z.string() })

/** RECEIVED, CANDIDATE, PRE_CONFIRMED, ACCEPTED_ON_L2, ACCEPTED_ON_L1; REJECTED of older nodes. Error 29 where it is not known. */
export function statusOf(hash: bigint): RpcRequest<string> {
  return {
    method: 'starknet_getTransactionStatus',
    params: { transaction_hash: feltHex(hash) },
    read: (result) => Status.parse(result).finality_status,
  }
}

const Receipt = z.object({
  finality_status: z.string(),
  execution_status: z.enum(['SUCCEEDED', 'REVERTED']),
  revert_reason: z.optional(z.string()),
  actual_fee: z.object({ amount: Felt }),
  block_hash: z.optional(FeltHex),
})
export type Receipt = z.infer<typeof Receipt>

/** Without a block's hash while the block is being built. Error 29 where there is none. */
export function receiptOf(hash: bigint): RpcRequest<Receipt> {
  return {
    method: 'starknet_getTransactionReceipt',
    params: { transaction_hash: feltHex(hash) },
    read: (result) => Receipt.parse(result),
  }
}
