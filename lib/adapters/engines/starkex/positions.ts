import type { AccountEvent, BlockEvents, BlockId } from '../../../domain/positions/account-event.ts'
import type { Blocks, EnginePositions, PositionEvents } from '../../../ports.ts'
import type {
  BatchInfo,
  BatchTransaction,
  PositionLeaf,
  StarkexFeeder,
} from '../../starkex-feeder.ts'
import { readStarkexTransaction } from '../../starkex-transaction.ts'
import { feltHex } from '../../starknet-felt.ts'
import { batchBlock, batchIdOf, mostGap } from './batch-blocks.ts'

/** Two questions for each batch; so many are done at once. */
const mostBatches = 40

/**
 * The accounts of a StarkEx exchange, by the leaves that each batch changed. A leaf tells all of an account, and there is no
 * view that could be asked besides. Funding indexes are those of the batch's own FUNDING_TICKs.
 */
export function starkexPositions(
  feeder: StarkexFeeder,
  blocks: Blocks,
  from: number,
): EnginePositions {
  return {
    blocks,
    from: from + 1,
    given: [],

    async events(after, to): Promise<PositionEvents> {
      const end = await lastWithin(feeder, after, to)
      const found = end === undefined ? undefined : await batchesBetween(feeder, after, end, from)
      const through = found?.at(-1)?.block
      if (!found || !through) return { kind: 'gone' }
      if (through.number === to.number && through.hash !== to.hash) return { kind: 'gone' }
      return { kind: 'events', through, blocks: found }
    },

    read: async (_accounts, block) =>
      Promise.resolve({ block, accounts: new Map(), indexes: new Map() }),
  }
}

/** The newest batch up to `to` that is not too many ids away; undefined where there is none. */
async function lastWithin(
  feeder: StarkexFeeder,
  after: BlockId,
  to: BlockId,
): Promise<number | undefined> {
  const last = Math.min(batchIdOf(to), batchIdOf(after) + mostBatches)
  for (let id = last; id > batchIdOf(after) && id > last - mostGap; id -= 1) {
    const found = await feeder.data(id)
    if (found.kind === 'batch') return id
  }
  // A gap that is wider than usual: from the end of it.
  return last < batchIdOf(to) ? batchIdOf(to) : undefined
}

/** From `end` back to `after`, oldest first; undefined where that is not before it, or one of them is gone. */
async function batchesBetween(
  feeder: StarkexFeeder,
  after: BlockId,
  end: number,
  from: number,
): Promise<readonly BlockEvents[] | undefined> {
  const found: BlockEvents[] = []
  let id = end
  while (id > batchIdOf(after)) {
    const [data, info] = await Promise.all([feeder.data(id), feeder.info(id)])
    if (data.kind !== 'batch' || info.kind !== 'batch') return undefined
    const block = batchBlock(id, data.batch)
    // Both gateways must speak of one batch.
    if (batchBlock(id, info.batch).hash !== block.hash) return undefined
    found.unshift({ block, events: eventsOf(info.batch, data.batch.positions) })
    id = data.batch.previousId
    if (id < from) return isBefore(after, from) ? found : undefined
  }
  const before = id === batchIdOf(after) ? await feeder.data(id) : undefined
  if (before?.kind !== 'batch') return undefined
  return batchBlock(id, before.batch).hash === after.hash ? found : undefined
}

/** The block before all batches that are read. */
function isBefore(after: BlockId, from: number): boolean {
  return batchIdOf(after) < from
}

/** Funding first: leaves of the same batch have paid up to it, or to what was before. */
function eventsOf(info: BatchInfo, leaves: readonly PositionLeaf[]): BlockEvents['events'] {
  const indexes = info.transactions.flatMap(executed).flatMap(fundingIn)
  const accounts = leaves.map(({ id, collateral, holdings }): AccountEvent => ({
    kind: 'whole',
    account: id,
    collateral,
    holdings: holdings.map(({ asset, balance, cachedIndex }) => ({
      asset: feltHex(asset),
      balance,
      fundingIndex: cachedIndex,
    })),
  }))
  return [...indexes, ...accounts].map((event, place) => ({ place, event }))
}

/** What had an effect. One MULTI_TRANSACTION is all of its parts. */
function executed({ transaction, alternatives }: BatchTransaction): readonly unknown[] {
  return (alternatives ?? [transaction]).flatMap(partsOf)
}

function partsOf(transaction: unknown): readonly unknown[] {
  if (typeof transaction !== 'object' || transaction === null) return []
  return 'txs' in transaction && Array.isArray(transaction.txs) ? transaction.txs : [transaction]
}

function fundingIn(json: unknown): readonly AccountEvent[] {
  const transaction = readStarkexTransaction(json)
  if (transaction?.type !== 'FUNDING_TICK') return []
  return transaction.ticks.map(({ assetId, fundingIndex }) => ({
    kind: 'funding',
    asset: feltHex(assetId),
    index: fundingIndex,
  }))
}
