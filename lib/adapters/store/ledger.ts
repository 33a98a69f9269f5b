import type { LedgerCursor, LedgerRow } from '../../domain/pnl/ledger-row.ts'
import type { Ledger } from '../../ports.ts'
import { bytes, type Item, keyItem, packedOf, whole } from './item.ts'
import { pack } from './packed.ts'
import { get, partition } from './reads.ts'
import type { TableAccess } from './table-access.ts'
import { ledgerCursorKey, ledgerPartition, ledgerRowKey, ledgerSpan } from './table.ts'
import { nextVersion } from './version.ts'
import { putIf } from './writes.ts'

/** One row for each event and each part of work that had none, in the order of time; and one that says how far they go. */
export function dynamoLedger(access: TableAccess): Ledger {
  return {
    async add(engine, row) {
      const item = { ...keyItem(ledgerRowKey(engine, row)), entry: bytes(pack(row)) }
      const decision = await putIf(access, item, { expression: 'attribute_not_exists(pk)' })
      return decision.kind === 'written' ? 'added' : 'already-there'
    },

    async cursor(engine) {
      const item = await get(access, ledgerCursorKey(engine))
      return item && (packedOf(item, 'cursor') as LedgerCursor)
    },

    async move(engine, cursor) {
      const item = {
        ...keyItem(ledgerCursorKey(engine)),
        version: whole(cursor.version),
        cursor: bytes(pack(cursor)),
      }
      const decision = await putIf(access, item, nextVersion(cursor.version))
      return decision.kind === 'written' ? 'written' : 'stale'
    },

    async recent(engine, limit) {
      const found: LedgerRow[] = []
      if (limit < 1) return found
      const order = { newestFirst: true, pageSize: limit }
      for await (const item of partition(access, ledgerPartition(engine), order)) {
        found.push(rowOf(item))
        if (found.length === limit) break
      }
      return found
    },

    async between(engine, from, to) {
      const found: LedgerRow[] = []
      const order = { newestFirst: false, sort: ledgerSpan(from, to) }
      for await (const item of partition(access, ledgerPartition(engine), order))
        found.push(rowOf(item))
      return found
    },
  }
}

function rowOf(item: Item): LedgerRow {
  return packedOf(item, 'entry') as LedgerRow
}
