import { z } from 'zod'

import { headOf } from './chain-state.ts'
import { blockAt, finalityOf, findTransaction } from './node-view.ts'
import { rpcError } from './rpc-error.ts'
import { BlockIdParam, rpcMethod, type RpcMethod } from './rpc-method.ts'
import { headerShape, receiptCore, receiptShape } from './rpc-shapes.ts'
import { traceOf } from './rpc-trace.ts'
import { FeltHex } from './transaction-fields.ts'

/** What is asked about blocks and their transactions. */
export const blockMethods: Readonly<Record<string, RpcMethod>> = {
  starknet_blockNumber: rpcMethod({}, (_, { view }) => headOf(view.state).number),

  starknet_blockHashAndNumber: rpcMethod({}, (_, { view }) => {
    const { hash, number } = headOf(view.state)
    return { block_hash: hash, block_number: number }
  }),

  starknet_getBlockWithTxHashes: rpcMethod({ block_id: BlockIdParam }, ({ block_id }, { view }) => {
    const block = blockAt(view, block_id)
    return { ...headerShape(view, block), transactions: block.transactions.map(({ hash }) => hash) }
  }),

  starknet_getBlockWithTxs: rpcMethod({ block_id: BlockIdParam }, ({ block_id }, { view }) => {
    const block = blockAt(view, block_id)
    const transactions = block.transactions.map(({ hash, tx }) => ({
      transaction_hash: hash,
      ...tx,
    }))
    return { ...headerShape(view, block), transactions }
  }),

  starknet_getBlockWithReceipts: rpcMethod({ block_id: BlockIdParam }, ({ block_id }, { view }) => {
    const block = blockAt(view, block_id)
    const transactions = block.transactions.map((one) => ({
      transaction: one.tx,
      receipt: receiptCore(view, one, block),
    }))
    return { ...headerShape(view, block), transactions }
  }),

  starknet_getBlockTransactionCount: rpcMethod(
    { block_id: BlockIdParam },
    ({ block_id }, { view }) => blockAt(view, block_id).transactions.length,
  ),

  starknet_getTransactionByBlockIdAndIndex: rpcMethod(
    { block_id: BlockIdParam, index: z.number().int().nonnegative() },
    ({ block_id, index }, { view }) => {
      const one = blockAt(view, block_id).transactions[index]
      if (one === undefined) throw rpcError('badTransactionIndex')
      return { transaction_hash: one.hash, ...one.tx }
    },
  ),

  starknet_getTransactionByHash: rpcMethod(
    { transaction_hash: FeltHex },
    ({ transaction_hash }, { view }) => {
      const found = findTransaction(view, transaction_hash)
      const { tx } = found.kind === 'ran' ? found.one : found.entry
      return { transaction_hash, ...tx }
    },
  ),

  starknet_getTransactionStatus: rpcMethod(
    { transaction_hash: FeltHex },
    ({ transaction_hash }, { view }) => {
      const found = findTransaction(view, transaction_hash)
      if (found.kind === 'waiting') return { finality_status: 'RECEIVED' }
      const { one, block } = found
      const finality_status = finalityOf(view, block)
      return one.revertReason === undefined
        ? { finality_status, execution_status: 'SUCCEEDED' }
        : { finality_status, execution_status: 'REVERTED', failure_reason: one.revertReason }
    },
  ),

  starknet_getTransactionReceipt: rpcMethod(
    { transaction_hash: FeltHex },
    ({ transaction_hash }, { view }) => {
      const found = findTransaction(view, transaction_hash)
      // A transaction that has not run yet has no receipt.
      if (found.kind === 'waiting') throw rpcError('transactionNotFound')
      return receiptShape(view, found.one, found.block)
    },
  ),

  starknet_traceTransaction: rpcMethod(
    { transaction_hash: FeltHex },
    ({ transaction_hash }, { view }) => {
      const found = findTransaction(view, transaction_hash)
      if (found.kind === 'waiting') throw rpcError('noTrace', { status: 'RECEIVED' })
      const parent = view.state.blocks[found.block.number - 1]
      // The genesis, and what is older than the states that are kept.
      if (parent?.world === undefined) throw rpcError('noTrace', { status: 'REJECTED' })
      return traceOf({ ...parent, world: parent.world }, found.block, found.at)
    },
  ),
}
