import type { BlockId } from '../../../domain/positions/account-event.ts'
import type { BatchData, BatchInfo, BatchTransaction, StarkexFeeder } from '../../starkex-feeder.ts'
import { batchBlock, batchIdOf, mostGap } from './batch-blocks.ts'

/** Two questions for each batch at most; so many are done at once. */
export const mostBatches = 40

/** The newest batch up to `to` that is not too many ids away; undefined where there is none. */
export async function lastWithin(
  link: (id: number) => Promise<Linked | undefined>,
  after: BlockId,
  to: BlockId,
): Promise<number | undefined> {
  const last = Math.min(batchIdOf(to), batchIdOf(after) + mostBatches)
  for (let id = last; id > batchIdOf(after) && id > last - mostGap; id -= 1)
    if (await link(id)) return id
  // A gap that is wider than usual: from the end of it.
  return last < batchIdOf(to) ? batchIdOf(to) : undefined
}

type Linked = Pick<BatchData, 'previousId' | 'positionRoot' | 'orderRoot'>

/** A batch with its id. */
export type ReadBatch<Read extends Linked> = { readonly id: number; readonly read: Read }

/**
 * From `end` back to `after`, oldest first; undefined where that is not before it, or one of them is gone. No batch before
 * `from` is read, and of `after` itself only how it is linked.
 */
export async function batchesBetween<Read extends Linked>(
  reads: {
    readonly read: (id: number) => Promise<Read | undefined>
    readonly link: (id: number) => Promise<Linked | undefined>
  },
  after: BlockId,
  { end, from }: { readonly end: number; readonly from: number },
): Promise<readonly ReadBatch<Read>[] | undefined> {
  const found: ReadBatch<Read>[] = []
  let id = end
  while (id > batchIdOf(after)) {
    const batch = await reads.read(id)
    if (!batch) return undefined
    found.unshift({ id, read: batch })
    id = batch.previousId
    if (id < from) return batchIdOf(after) < from ? found : undefined
  }
  const before = id === batchIdOf(after) ? await reads.link(id) : undefined
  return before && batchBlock(id, before).hash === after.hash ? found : undefined
}

/** Undefined where it is none, or not yet. */
export async function infoOf(
  feeder: Pick<StarkexFeeder, 'info'>,
  id: number,
): Promise<BatchInfo | undefined> {
  const found = await feeder.info(id)
  return found.kind === 'batch' ? found.batch : undefined
}

export async function dataOf(
  feeder: Pick<StarkexFeeder, 'data'>,
  id: number,
): Promise<BatchData | undefined> {
  const found = await feeder.data(id)
  return found.kind === 'batch' ? found.batch : undefined
}

/** What had an effect. One MULTI_TRANSACTION is all of its parts. */
export function executed({
  transaction,
  alternatives,
}: Pick<BatchTransaction, 'transaction' | 'alternatives'>): readonly unknown[] {
  return (alternatives ?? [transaction]).flatMap(partsOf)
}

function partsOf(transaction: unknown): readonly unknown[] {
  if (typeof transaction !== 'object' || transaction === null) return []
  return 'txs' in transaction && Array.isArray(transaction.txs) ? transaction.txs : [transaction]
}
