import type { History, HistoryEntry, HistorySubject, SlotRecord } from '../../ports.ts'
import { expiresAtOf, type Item, keyItem, packedOf, bytes, ttl } from './item.ts'
import { allKeptOf, keptColumn } from './kept.ts'
import { pack } from './packed.ts'
import { partition } from './reads.ts'
import { expiry, isExpired } from './retention.ts'
import { slotHistory } from './slot-history.ts'
import type { SlotRows } from './slot-rows.ts'
import type { TableAccess } from './table-access.ts'
import {
  historyKey,
  historyPartition,
  slotKey,
  slotPartition,
  slotsKey,
  slotSpan,
  slotsPartition,
} from './table.ts'
import { put } from './writes.ts'

/** One small row per entry, which is in it or in a blob that it names; recording the same entry again changes nothing. */
export function dynamoHistory(access: TableAccess): History {
  return {
    ...slotHistory(slotRows(access), access.clock),

    async record(entry) {
      await put(access, {
        ...keyItem(historyKey(entry, entry.at)),
        ...(await keptColumn(access, 'entry', entry)),
        expiresAt: ttl(expiry('history', access.clock.now())),
      })
    },

    async recent(keeper, subject, limit) {
      const rows: Item[] = []
      if (limit < 1) return []
      const order = { newestFirst: true, pageSize: limit }
      for await (const item of partition(access, historyPartition(keeper, subject), order)) {
        if (isExpired(expiresAtOf(item), access.clock.now())) continue
        rows.push(item)
        if (rows.length === limit) break
      }
      return (await allKeptOf(access, rows, 'entry')) as readonly HistoryEntry[]
    },
  }
}

/** How many rows are read at once before their blobs are. */
const rowsAtOnce = 16

function slotRows(access: TableAccess): SlotRows {
  const { clock } = access
  return {
    async put(record) {
      await put(access, {
        ...keyItem(slotKey(record)),
        ...(await keptColumn(access, 'slot', record)),
        expiresAt: ttl(expiry('slot', clock.now())),
      })
    },

    async *between(of, from, to) {
      const order = { newestFirst: false, sort: slotSpan(from, to) }
      let rows: Item[] = []
      for await (const item of partition(access, slotPartition(of), order)) {
        if (isExpired(expiresAtOf(item), clock.now())) continue
        rows.push(item)
        if (rows.length < rowsAtOnce) continue
        yield* await recordsOf(access, rows)
        rows = []
      }
      yield* await recordsOf(access, rows)
    },

    async note(of) {
      const { keeper, subject } = of
      await put(access, { ...keyItem(slotsKey(of)), of: bytes(pack({ keeper, subject })) })
    },

    async noted() {
      const found: HistorySubject[] = []
      for await (const item of partition(access, slotsPartition, { newestFirst: false }))
        found.push(packedOf(item, 'of') as HistorySubject)
      return found
    },
  }
}

async function recordsOf(
  access: TableAccess,
  rows: readonly Item[],
): Promise<readonly SlotRecord[]> {
  return (await allKeptOf(access, rows, 'slot')) as readonly SlotRecord[]
}
