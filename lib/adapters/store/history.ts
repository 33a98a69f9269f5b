import type { History, HistoryEntry } from '../../ports.ts'
import { expiresAtOf, type Item, keyItem, ttl } from './item.ts'
import { allKeptOf, keptColumn } from './kept.ts'
import { partition } from './reads.ts'
import { expiry, isExpired } from './retention.ts'
import type { TableAccess } from './table-access.ts'
import { historyKey, historyPartition } from './table.ts'
import { put } from './writes.ts'

/** One small row per entry, which is in it or in a blob that it names; recording the same entry again changes nothing. */
export function dynamoHistory(access: TableAccess): History {
  return {
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
