import * as z from 'zod/mini'

import type { RpcRequest } from '../rpc.ts'
import { Felt, feltHex, FeltHex } from '../starknet-felt.ts'
import { type BlockId, view } from '../starknet-read.ts'
import type { Consumption } from './starknet-fee.ts'
import type { StarknetTransaction } from './starknet-transaction.ts'
import { queryOf } from './starknet-v3.ts'

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

/** Error 20 where nothing is deployed there. */
export function classHashAt(account: `0x${string}`): RpcRequest<bigint> {
  return {
    method: 'starknet_getClassHashAt',
    params: { block_id: 'latest', contract_address: account },
    read: (result) => Felt.parse(result),
  }
}

/** Only whether there is such a class: error 28 where nobody has declared it. */
export function isClass(classHash: bigint): RpcRequest<undefined> {
  return {
    method: 'starknet_getClass',
    params: { block_id: 'latest', class_hash: feltHex(classHash) },
    read: () => undefined,
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
 * Runs the transactions after one another and says what the last one would use; error 41 where one would revert. Without
 * validation, so that no signature on a fee nobody means is needed.
 */
export function estimateOf(
  transactions: readonly StarknetTransaction[],
  at: BlockId,
): RpcRequest<Estimate> {
  return {
    method: 'starknet_estimateFee',
    params: {
      request: transactions.map(queryOf),
      simulation_flags: ['SKIP_VALIDATE'],
      block_id: at,
    },
    read: (result) => {
      const one = Estimate.parse(z.array(z.unknown()).parse(result)[transactions.length - 1])
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

const addMethods = {
  INVOKE: { method: 'starknet_addInvokeTransaction', name: 'invoke_transaction' },
  DEPLOY_ACCOUNT: {
    method: 'starknet_addDeployAccountTransaction',
    name: 'deploy_account_transaction',
  },
}

/** A node that gives the transaction another hash than `hash` has not read what was sent. */
export function addTransaction({
  type,
  json,
  hash,
}: {
  readonly type: StarknetTransaction['type']
  readonly json: unknown
  readonly hash: bigint
}): RpcRequest<undefined> {
  const { method, name } = addMethods[type]
  return {
    method,
    params: { [name]: json },
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
