import type { TransactionStatus } from '../../domain/transaction.ts'
import type { Rpc } from '../rpc.ts'
import { blockBy } from '../starknet-read.ts'
import { reasonOf } from '../starknet-revert.ts'
import { unexpectedRefusal } from './refusal.ts'
import { type Receipt, receiptOf, statusOf } from './starknet-read.ts'

/** Where a transaction stands. One in the block being built is pending: its receipt names no block yet. */
export async function starknetStatus(at: {
  readonly chain: string
  readonly rpc: Rpc
  readonly hash: bigint
}): Promise<TransactionStatus> {
  const { chain, rpc, hash } = at
  const [status, receipt] = await rpc.answers([statusOf(hash), receiptOf(hash)])
  for (const { method, answer } of [
    { method: 'starknet_getTransactionStatus', answer: status },
    { method: 'starknet_getTransactionReceipt', answer: receipt },
  ])
    if (answer.kind === 'error' && answer.error.code !== unknownHash)
      throw unexpectedRefusal(chain, method, answer.error)
  if (receipt.kind === 'result') return ofReceipt({ chain, rpc, receipt: receipt.value })
  const known = status.kind === 'result' && status.value !== 'REJECTED'
  return { kind: known ? 'pending' : 'unknown' }
}

/** starknet-specs: TXN_HASH_NOT_FOUND and BLOCK_NOT_FOUND. */
const unknownHash = 29
const unknownBlock = 24

async function ofReceipt(of: {
  readonly chain: string
  readonly rpc: Rpc
  readonly receipt: Receipt
}): Promise<TransactionStatus> {
  const { chain, rpc, receipt } = of
  const { block_hash, finality_status, execution_status, revert_reason, actual_fee } = receipt
  if (block_hash === undefined || !finality_status.startsWith('ACCEPTED_ON_'))
    return { kind: 'pending' }
  const [block] = await rpc.answers([blockBy({ block_hash })])
  if (block.kind === 'error') {
    // The block was replaced between two questions; where the transaction is now, the next look tells.
    if (block.error.code === unknownBlock) return { kind: 'pending' }
    throw unexpectedRefusal(chain, 'starknet_getBlockWithTxHashes', block.error)
  }
  return {
    kind: 'included',
    block: block.value,
    outcome: execution_status === 'SUCCEEDED' ? 'succeeded' : 'reverted',
    reason: revert_reason === undefined ? undefined : reasonOf(revert_reason),
    feePaid: actual_fee.amount,
    final: finality_status === 'ACCEPTED_ON_L1',
  }
}
