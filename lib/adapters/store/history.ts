import type { History, HistoryEntry } from '../../ports.ts'
import { bytes, expiresAtOf, keyItem, packedOf, ttl } from './item.ts'
import { pack } from './packed.ts'
import { partition } from './reads.ts'
import { expiry, isExpired } from './retention.ts'
import type { TableAccess } from './table-access.ts'
import { historyKey, historyPartition } from './table.ts'
import { put } from './writes.ts'

/** What keepers saw and decided, packed; recording the same entry again changes nothing. */
export function dynamoHistory(access: TableAccess): History {
  return {
    async record(entry) {
      await put(access, {
        ...keyItem(historyKey(entry, entry.at)),
        entry: bytes(pack(entry)),
        expiresAt: ttl(expiry('history', access.clock.now())),
      })
    },

    async recent(keeper, subject, limit) {
      const found: HistoryEntry[] = []
      if (limit < 1) return found
      const order = { newestFirst: true, pageSize: limit }
      for await (const item of partition(access, historyPartition(keeper, subject), order)) {
        if (isExpired(expiresAtOf(item), access.clock.now())) continue
        found.push(packedOf(item, 'entry') as HistoryEntry)
        if (found.length === limit) break
      }
      return found
    },
  }
}
