import * as z from 'zod/mini'

import type { StarkexTransaction } from '../../../domain/starkex/transaction.ts'
import type { BatchInfo } from '../../starkex-feeder.ts'
import { readStarkexTransaction } from '../../starkex-transaction.ts'
import { executed, type ReadBatch } from './batch-chain.ts'

export type Batch = ReadBatch<BatchInfo>

/** A transaction that had an effect. */
export type Done = {
  readonly batch: Batch
  /** As it was handed in. */
  readonly id: number
  /** Among all that was executed for that id. */
  readonly place: number
  /** `unread`: prices that are not as StarkEx writes them. */
  readonly transaction: StarkexTransaction | { readonly type: 'unread' }
}

/** Of the kinds that keepers send, in their order. Throws where one of a kind that is booked cannot be read. */
export function executedIn(batch: Batch, engine: string): readonly Done[] {
  return batch.read.transactions.flatMap((handed) =>
    executed(handed).flatMap((json, place) => {
      const transaction = readStarkexTransaction(json)
      const type = transaction ? undefined : typeOf(json)
      if (type === 'LIQUIDATE' || type === 'DELEVERAGE')
        throw new UnreadTransactionError(engine, `${handed.id} of batch ${batch.id}`)
      const isTick = type === 'ORACLE_PRICES_TICK'
      const done = transaction ?? (isTick ? { type: 'unread' as const } : undefined)
      return done ? [{ batch, id: handed.id, place, transaction: done }] : []
    }),
  )
}

const Typed = z.object({ type: z.string() })

function typeOf(json: unknown): string | undefined {
  return Typed.safeParse(json).data?.type
}

/** A liquidation or a deleverage that is not as StarkEx writes it would be missing in the books. */
class UnreadTransactionError extends Error {
  override readonly name = 'UnreadTransactionError'

  constructor(engine: string, what: string) {
    super(
      `${engine}: transaction ${what} closes a position, but is not as gateways write it and cannot be booked`,
    )
  }
}
