import type { Block, TransactionStatus } from '../../domain/transaction.ts'
import type { Rpc } from '../rpc.ts'
import {
  blockBy,
  type BlockTag,
  ethCall,
  type Receipt,
  receiptOf,
  type SentTransaction,
  transactionOf,
} from './evm-read.ts'
import { type DecodeRevert, revertReason } from './evm-revert.ts'

/** Where a transaction stands. A receipt whose block the node does not show yet (anvil) still counts as pending. */
export async function evmStatus(
  rpc: Rpc,
  hash: `0x${string}`,
  decode: DecodeRevert,
): Promise<TransactionStatus> {
  const [receipt, transaction] = await rpc.values([receiptOf(hash), transactionOf(hash)])
  if (!receipt) return { kind: transaction ? 'pending' : 'unknown' }
  const [header] = await rpc.values([blockBy({ hash: receipt.blockHash })])
  if (!header) return { kind: 'pending' }
  const succeeded = receipt.status === '0x1'
  return {
    kind: 'included',
    block: header.block,
    outcome: succeeded ? 'succeeded' : 'reverted',
    reason:
      succeeded || !transaction
        ? undefined
        : await whyReverted(rpc, { transaction, block: header.block, decode }),
    feePaid: paid(receipt),
    final: false,
  }
}

function paid({ gasUsed, effectiveGasPrice, l1Fee, blobGasUsed, blobGasPrice }: Receipt): bigint {
  return gasUsed * effectiveGasPrice + (l1Fee ?? 0n) + (blobGasUsed ?? 0n) * (blobGasPrice ?? 0n)
}

/**
 * Receipts carry no reason, so the call is made again: on the state after its block, where whatever came before it in
 * the block still stands in its way, then on the state before it. Undefined where neither refuses it.
 */
async function whyReverted(
  rpc: Rpc,
  tried: {
    readonly transaction: SentTransaction
    readonly block: Block
    readonly decode: DecodeRevert
  },
): Promise<string | undefined> {
  const { from, to, input, gas, value, blobVersionedHashes } = tried.transaction
  const call = {
    from,
    to,
    data: input,
    gas: toHex(gas),
    value: toHex(value),
    ...(blobVersionedHashes && { blobVersionedHashes }),
  }
  const { number } = tried.block
  const answers = await rpc.answers([
    ethCall(call, toHex(number)),
    ethCall(call, toHex(Math.max(0, number - 1))),
  ])
  const reasons = answers.map((answer) =>
    answer.kind === 'error' ? revertReason(answer.error, tried.decode) : undefined,
  )
  return reasons.find((reason) => reason !== undefined)
}

function toHex(value: bigint | number): BlockTag {
  return `0x${value.toString(16)}`
}
