import * as z from 'zod/mini'

import { UnfitTransactionError } from './errors.ts'
import { addressOfDeploy, DeployAccount, deployHash } from './starknet-deploy.ts'
import { Invoke, invokeHash } from './starknet-invoke.ts'

/** Either kind of transaction that an account of ours sends. */
const Transaction = z.discriminatedUnion('type', [Invoke, DeployAccount])
export type StarknetTransaction = z.infer<typeof Transaction>

/** Throws `UnfitTransactionError` where the bytes are not what `signedJson` writes. */
export function readTransaction(
  chain: string,
  bytes: string,
): { readonly json: unknown; readonly transaction: StarknetTransaction } {
  try {
    const json: unknown = JSON.parse(bytes)
    return { json, transaction: Transaction.parse(json) }
  } catch {
    throw new UnfitTransactionError(chain, 'the bytes are not a transaction in JSON')
  }
}

export function transactionHash(transaction: StarknetTransaction, chainId: bigint): bigint {
  return transaction.type === 'INVOKE'
    ? invokeHash(transaction, chainId)
    : deployHash(transaction, chainId)
}

export function senderOf(transaction: StarknetTransaction): bigint {
  return transaction.type === 'INVOKE' ? transaction.sender_address : addressOfDeploy(transaction)
}
