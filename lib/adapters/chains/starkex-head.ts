import type { Timestamp } from '../../domain/time.ts'
import type { Block } from '../../domain/transaction.ts'

/**
 * How far a gateway has come, in place of a block: it makes none that anybody could ask for, but numbers its transactions
 * without gaps and never takes one back. As many as it has is its height, and while it answers that is of now.
 */
export function gatewayHead(transactions: number, now: Timestamp): Block {
  return {
    number: transactions,
    hash: `0x${transactions.toString(16).padStart(64, '0')}`,
    time: now,
  }
}
