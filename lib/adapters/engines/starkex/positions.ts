import type { AccountEvent, BlockEvents } from '../../../domain/positions/account-event.ts'
import type { Blocks, EnginePositions, PositionEvents } from '../../../ports.ts'
import type { BatchData, BatchInfo, PositionLeaf, StarkexFeeder } from '../../starkex-feeder.ts'
import { readStarkexTransaction } from '../../starkex-transaction.ts'
import { feltHex } from '../../starknet-felt.ts'
import { batchBlock } from './batch-blocks.ts'
import { batchesBetween, dataOf, executed, infoOf, lastWithin } from './batch-chain.ts'

/**
 * The accounts of a StarkEx exchange, by the leaves that each batch changed. A leaf tells all of an account, and there is no
 * view that could be asked besides. Funding indexes are those of the batch's own FUNDING_TICKs.
 */
export function starkexPositions(
  feeder: StarkexFeeder,
  blocks: Blocks,
  from: number,
): EnginePositions {
  const link = async (id: number) => dataOf(feeder, id)
  const read = async (id: number) => bothOf(feeder, id)
  return {
    blocks,
    from: from + 1,
    given: [],

    async events(after, to): Promise<PositionEvents> {
      const end = await lastWithin(link, after, to)
      const found =
        end === undefined ? undefined : await batchesBetween({ read, link }, after, { end, from })
      const changed = found?.map(({ id, read: both }) => ({
        block: batchBlock(id, both),
        events: eventsOf(both.info, both.positions),
      }))
      const through = changed?.at(-1)?.block
      if (!changed || !through) return { kind: 'gone' }
      if (through.number === to.number && through.hash !== to.hash) return { kind: 'gone' }
      return { kind: 'events', through, blocks: changed }
    },

    read: async (_accounts, block) =>
      Promise.resolve({ block, accounts: new Map(), indexes: new Map() }),
  }
}

/** A batch as both gateways tell it, who must speak of one; undefined where they do not. */
async function bothOf(
  feeder: StarkexFeeder,
  id: number,
): Promise<(BatchData & { readonly info: BatchInfo }) | undefined> {
  const [data, info] = await Promise.all([dataOf(feeder, id), infoOf(feeder, id)])
  if (!data || !info) return undefined
  const isOne = batchBlock(id, data).hash === batchBlock(id, info).hash
  return isOne ? { ...data, info } : undefined
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

function fundingIn(json: unknown): readonly AccountEvent[] {
  const transaction = readStarkexTransaction(json)
  if (transaction?.type !== 'FUNDING_TICK') return []
  return transaction.ticks.map(({ assetId, fundingIndex }) => ({
    kind: 'funding',
    asset: feltHex(assetId),
    index: fundingIndex,
  }))
}
