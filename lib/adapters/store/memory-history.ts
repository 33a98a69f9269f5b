import type { Clock, History, HistoryEntry, HistorySubject, SlotRecord } from '../../ports.ts'
import type { MemoryRows } from './memory-rows.ts'
import { pack, unpack } from './packed.ts'
import { expiry } from './retention.ts'
import { slotHistory } from './slot-history.ts'
import type { SlotRows } from './slot-rows.ts'
import {
  historyKey,
  historyPartition,
  slotKey,
  slotPartition,
  slotsKey,
  slotsPartition,
} from './table.ts'

/** The twin of `dynamoHistory`. */
export function memoryHistory(rows: MemoryRows, clock: Clock): History {
  return {
    ...slotHistory(slotRows(rows, clock), clock),

    async record(entry) {
      const expiresAt = expiry('history', clock.now())
      rows.put(historyKey(entry, entry.at), entry, { expiresAt, mayBeLarge: true })
    },

    async recent(keeper, subject, limit) {
      const newest = Iterator.from(rows.partition(historyPartition(keeper, subject), 'descending'))
      return [...newest.take(Math.max(0, limit))] as HistoryEntry[]
    },
  }
}

/** Packed, since there are many and they are large. */
type Row = Pick<SlotRecord, 'slot' | 'at'> & { readonly packed: string }

function slotRows(rows: MemoryRows, clock: Clock): SlotRows {
  return {
    async put(record) {
      const { slot, at } = record
      const row: Row = { slot, at, packed: Buffer.from(pack(record)).toString('base64') }
      const expiresAt = expiry('slot', clock.now())
      rows.put(slotKey(record), row, { expiresAt, mayBeLarge: true })
    },

    async *between(of, from, to) {
      for (const row of rows.partition(slotPartition(of), 'ascending') as Iterable<Row>) {
        if (row.at > to) return
        if (row.at >= from) yield unpack(Buffer.from(row.packed, 'base64')) as SlotRecord
      }
    },

    async note({ keeper, subject }) {
      rows.put(slotsKey({ keeper, subject }), { keeper, subject })
    },

    noted: async () => [...rows.partition(slotsPartition, 'ascending')] as HistorySubject[],
  }
}
