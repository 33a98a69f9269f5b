import type {
  Clock,
  History,
  HistoryEntry,
  HistoryFile,
  HistorySubject,
  SlotRecord,
} from '../../ports.ts'
import type { MemoryRows } from './memory-rows.ts'
import { pack, unpack } from './packed.ts'
import { expiry, fileExpiry } from './retention.ts'
import { slotHistory } from './slot-history.ts'
import type { PackedThrough, SlotRows } from './slot-rows.ts'
import {
  historyKey,
  historyPartition,
  type Key,
  packedKey,
  packedPartition,
  packingKey,
  slotKey,
  slotPartition,
  slotsKey,
  slotsPartition,
} from './table.ts'
import { checkVersion } from './version.ts'

/** The twin of `dynamoHistory`. */
export function memoryHistory(rows: MemoryRows, clock: Clock, historyKeptMs?: number): History {
  return {
    ...slotHistory(memorySlotRows(rows, clock, historyKeptMs), clock),

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

/** What is kept of slots, in a table in memory. */
export function memorySlotRows(rows: MemoryRows, clock: Clock, historyKeptMs?: number): SlotRows {
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

    async newest(of, limit) {
      const all = Iterator.from(rows.partition(slotPartition(of), 'descending') as Iterable<Row>)
      return all
        .take(limit)
        .map(({ slot, at }) => ({ slot, at }))
        .toArray()
    },

    async oldest(of, from) {
      for (const { slot, at } of rows.partition(slotPartition(of), 'ascending') as Iterable<Row>)
        if (at >= from) return { slot, at }
      return undefined
    },

    async note({ keeper, subject }) {
      rows.put(slotsKey({ keeper, subject }), { keeper, subject })
    },

    noted: async () => [...rows.partition(slotsPartition, 'ascending')] as HistorySubject[],

    async putContent(name, content) {
      const packed = Buffer.from(content).toString('base64')
      const expiresAt = fileExpiry(clock.now(), historyKeptMs)
      rows.put(contentKey(name), packed, { expiresAt, mayBeLarge: true })
    },

    async content(name) {
      const packed = rows.get(contentKey(name)) as string | undefined
      return packed === undefined ? undefined : Buffer.from(packed, 'base64')
    },

    async putFile(of, file) {
      rows.put(packedKey(of, file), file, { expiresAt: fileExpiry(file.to, historyKeptMs) })
    },

    async files(of, from, to) {
      const all = [...rows.partition(packedPartition(of), 'ascending')] as HistoryFile[]
      return all.filter((file) => file.from >= from && file.from <= to)
    },

    packed: async (of) => rows.get(packingKey(of)) as PackedThrough | undefined,

    async movePacked(of, packed) {
      checkVersion(packed.version)
      const before = rows.get(packingKey(of)) as PackedThrough | undefined
      if ((before?.version ?? 0) !== packed.version - 1) return 'stale'
      rows.put(packingKey(of), packed)
      return 'written'
    },

    async letGo(of, before) {
      const all = [...(rows.partition(slotPartition(of), 'ascending') as Iterable<Row>)]
      for (const { slot, at } of all)
        if (at < before - packedKeptMs) rows.remove(slotKey({ ...of, slot, at }))
    },
  }
}

/** Memory is dear; but whether the last slots were kept is asked of their rows. */
const packedKeptMs = 2 * 60 * 60_000

/** A table has these as blobs. */
function contentKey(name: string): Key {
  return { pk: `BLOB#${name}`, sk: 'content' }
}
