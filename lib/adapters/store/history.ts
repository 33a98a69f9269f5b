import { timestamp } from '../../domain/time.ts'
import type {
  History,
  HistoryEntry,
  HistoryFile,
  HistorySubject,
  KeptSlot,
  SlotRecord,
} from '../../ports.ts'
import { expiresAtOf, type Item, keyItem, keyOf, packedOf, whole, bytes, ttl } from './item.ts'
import { allKeptOf, keptColumn } from './kept.ts'
import { pack } from './packed.ts'
import { get, partition } from './reads.ts'
import { expiry, fileExpiry, isExpired } from './retention.ts'
import { slotHistory } from './slot-history.ts'
import type { PackedThrough, SlotRows } from './slot-rows.ts'
import type { TableAccess } from './table-access.ts'
import {
  historyKey,
  historyPartition,
  keptSlotOf,
  packedKey,
  packedPartition,
  packingKey,
  slotKey,
  slotPartition,
  slotsKey,
  slotSpan,
  slotsPartition,
} from './table.ts'
import { asked } from './unavailable.ts'
import { nextVersion } from './version.ts'
import { put, putIf } from './writes.ts'

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

    async newest(of, limit) {
      const order = { newestFirst: true, pageSize: limit, keysOnly: true }
      return await keptSlots(access, of, { ...order, limit })
    },

    async oldest(of, from) {
      const sort = slotSpan(from, endOfTime)
      const order = { newestFirst: false, pageSize: 1, keysOnly: true, sort, limit: 1 }
      const [first] = await keptSlots(access, of, order)
      return first
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

    async putContent(name, content) {
      await asked(`put ${name}`, () => access.blobs.put(name, content))
    },

    content: async (name) => await asked(`get ${name}`, () => access.blobs.get(name)),

    async putFile(of, file) {
      await put(access, {
        ...keyItem(packedKey(of, file)),
        file: bytes(pack(file)),
        expiresAt: ttl(fileExpiry(file.to, access.historyKeptMs)),
      })
    },

    async files(of, from, to) {
      const found: HistoryFile[] = []
      const order = { newestFirst: false, sort: slotSpan(from, to) }
      for await (const item of partition(access, packedPartition(of), order))
        if (!isExpired(expiresAtOf(item), clock.now()))
          found.push(packedOf(item, 'file') as HistoryFile)
      return found
    },

    async packed(of) {
      const item = await get(access, packingKey(of))
      return item && (packedOf(item, 'packed') as PackedThrough)
    },

    async movePacked(of, packed) {
      const row = {
        ...keyItem(packingKey(of)),
        version: whole(packed.version),
        packed: bytes(pack(packed)),
      }
      const decision = await putIf(access, row, nextVersion(packed.version))
      return decision.kind === 'written' ? 'written' : 'stale'
    },

    // They have a time of their own to go; a write to each would cost as much as it did to keep it.
    letGo: async () => {},
  }
}

/** Later than any time. */
const endOfTime = timestamp(8_640_000_000_000_000)

async function keptSlots(
  access: TableAccess,
  of: HistorySubject,
  { limit, ...order }: Parameters<typeof partition>[2] & { readonly limit: number },
): Promise<readonly KeptSlot[]> {
  const found: KeptSlot[] = []
  for await (const item of partition(access, slotPartition(of), order)) {
    if (isExpired(expiresAtOf(item), access.clock.now())) continue
    found.push(keptSlotOf(keyOf(item)))
    if (found.length === limit) break
  }
  return found
}

async function recordsOf(
  access: TableAccess,
  rows: readonly Item[],
): Promise<readonly SlotRecord[]> {
  return (await allKeptOf(access, rows, 'slot')) as readonly SlotRecord[]
}
