import type { Timestamp } from '../../domain/time.ts'
import type { Fate } from '../../domain/transaction.ts'
import type { BatchInfo, StarkexFeeder } from '../starkex-feeder.ts'

/** A look every so often is enough: batches are minutes apart. */
const leastRestMs = 5_000

/** So many batches are looked through for a transaction; whoever looks later than that finds it in the exchange's explorer. */
const mostBatches = 50

type Batch = Pick<BatchInfo, 'previousId' | 'transactions'>

/**
 * What the batches of a StarkEx exchange made of its transactions, by their ids: from the newest one back by what each says
 * came before it. The newest itself does not count, for it may be aborted; nothing is known where nobody tells which it is.
 */
export function starkexFates(
  feeder: Pick<StarkexFeeder, 'lastBatchId' | 'info'>,
  { now }: { readonly now: () => Timestamp },
): (ids: readonly number[]) => Promise<ReadonlyMap<number, Fate>> {
  // What a batch holds is the same as long as it is one.
  const read = new Map<number, Batch>()
  let lookedAt = 0
  let known: readonly (Batch & { readonly id: number })[] = []

  async function batchOf(id: number): Promise<Batch | undefined> {
    const before = read.get(id)
    if (before) return before
    const found = await feeder.info(id)
    if (found.kind !== 'batch') return undefined
    const { previousId, transactions } = found.batch
    read.set(id, { previousId, transactions })
    return found.batch
  }

  /** From the newest but one back to the one with the lowest of the ids, newest first. */
  async function chainTo(lowest: number): Promise<typeof known> {
    const last = await feeder.lastBatchId()
    const newest = last === undefined || last < 0 ? undefined : await batchOf(last)
    const chain: (Batch & { readonly id: number })[] = []
    for (let id = newest?.previousId ?? -1; id >= 0 && chain.length < mostBatches;) {
      const batch = await batchOf(id)
      if (!batch) break
      chain.push({ id, ...batch })
      if (batch.transactions.some((one) => one.id <= lowest)) break
      id = batch.previousId
    }
    for (const id of read.keys())
      if (id !== last && !chain.some((one) => one.id === id)) read.delete(id)
    return chain
  }

  return async (ids) => {
    if (ids.length === 0) return new Map()
    if (now() - lookedAt >= leastRestMs) {
      known = await chainTo(Math.min(...ids))
      lookedAt = now()
    }
    return new Map(
      ids.flatMap((id) => {
        const fate = fateIn(known, id)
        return fate ? [[id, fate] as const] : []
      }),
    )
  }
}

function fateIn(
  batches: readonly (Batch & { readonly id: number })[],
  id: number,
): Fate | undefined {
  for (const { id: batch, transactions } of batches) {
    const found = transactions.find((one) => one.id === id)
    if (!found) continue
    const { alternatives } = found
    return alternatives === undefined
      ? { kind: 'executed', batch }
      : { kind: 'replaced', batch, by: alternatives.length }
  }
  // Ids are executed in their order: where later and earlier ones are there, it is not to come any more.
  const later = batches.findLast(({ transactions }) => transactions.some((one) => one.id > id))
  const isEarlier = batches.some(({ transactions }) => transactions.some((one) => one.id < id))
  return later && isEarlier ? { kind: 'dropped', batch: later.id } : undefined
}
