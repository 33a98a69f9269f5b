import { type Batch, isFinished, type ProvingLane } from '../../domain/proving/batch.ts'
import type { Batches } from '../../ports.ts'
import { bytes, keyItem, packedOf, text, whole } from './item.ts'
import { pack } from './packed.ts'
import { get, getMany, listed, partition } from './reads.ts'
import type { TableAccess } from './table-access.ts'
import {
  batchKey,
  batchList,
  batchPartition,
  batchSpan,
  listedAt,
  listedUntil,
  openIndex,
  provingLaneKey,
} from './table.ts'
import { nextVersion } from './version.ts'
import { type Condition, putIf } from './writes.ts'

/** One row per batch and one per lane; each is changed by one write under its version and its lease's fence. */
export function dynamoBatches(access: TableAccess): Batches {
  return {
    async lane(name) {
      const item = await get(access, provingLaneKey(name))
      return item && (packedOf(item, 'proving') as ProvingLane)
    },

    async writeLane(lane) {
      const row = {
        ...keyItem(provingLaneKey(lane.name)),
        version: whole(lane.version),
        fence: whole(lane.fence),
        proving: bytes(pack(lane)),
      }
      const decision = await putIf(access, row, underFence(lane))
      return decision.kind === 'written' ? 'written' : 'stale'
    },

    async read(lane, number) {
      const item = await get(access, batchKey(lane, number))
      return item && (packedOf(item, 'batch') as Batch)
    },

    async write(batch) {
      const { lane, number, nextActionAt } = batch
      const row = {
        ...keyItem(batchKey(lane, number)),
        version: whole(batch.version),
        fence: whole(batch.fence),
        batch: bytes(pack(batch)),
        ...(!isFinished(batch) && {
          [openIndex.partition]: text(batchList(lane)),
          [openIndex.sort]: text(listedAt(nextActionAt, String(number))),
        }),
      }
      const decision = await putIf(access, row, underFence(batch))
      return decision.kind === 'written' ? 'written' : 'stale'
    },

    async due(lane, by, limit) {
      const found: Batch[] = []
      if (limit < 1) return found
      const list = {
        name: batchList(lane),
        newestFirst: false,
        pageSize: limit,
        until: listedUntil(by),
      }
      for await (const keys of listed(access, openIndex, list)) {
        const items = await getMany(access, keys)
        const batches = items.map((item) => packedOf(item, 'batch') as Batch)
        // The index may be a moment behind.
        found.push(...batches.filter((one) => !isFinished(one) && one.nextActionAt <= by))
        if (found.length >= limit) break
      }
      return found.slice(0, limit)
    },

    async between(lane, from, to) {
      const found: Batch[] = []
      if (to < from) return found
      const order = { newestFirst: false, sort: batchSpan(from, to) }
      for await (const item of partition(access, batchPartition(lane), order))
        found.push(packedOf(item, 'batch') as Batch)
      return found
    },
  }
}

/** Holds where the stored version is the one before, and no newer lease has written. */
function underFence({
  version,
  fence,
}: {
  readonly version: number
  readonly fence: number
}): Condition {
  const next = nextVersion(version)
  if (version === 1) return next
  return {
    expression: `${next.expression} AND #fence <= :fence`,
    names: { ...next.names, '#fence': 'fence' },
    values: { ...next.values, ':fence': whole(fence) },
  }
}
