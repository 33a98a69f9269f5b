import type { SignedReport } from '../../domain/report.ts'
import type { Reports } from '../../ports.ts'
import { expiresAtOf, type Item, keyItem, ttl } from './item.ts'
import { allKeptOf, keptColumn } from './kept.ts'
import { partition } from './reads.ts'
import { expiry, isExpired } from './retention.ts'
import type { TableAccess } from './table-access.ts'
import { reportKey, reportPartition } from './table.ts'
import { putIf } from './writes.ts'

/** One small row per node and round, written once; the reports are in it or in a blob that it names. */
export function dynamoReports(access: TableAccess): Reports {
  return {
    async publish(node, round, reports) {
      const row = {
        ...keyItem(reportKey(node, round)),
        ...(await keptColumn(access, 'reports', reports)),
        expiresAt: ttl(expiry('report', access.clock.now())),
      }
      const decision = await putIf(access, row, { expression: 'attribute_not_exists(pk)' })
      return decision.kind === 'written' ? 'published' : 'already-published'
    },

    async ofRound(round) {
      const rows: Item[] = []
      for await (const item of partition(access, reportPartition(round), { newestFirst: false }))
        if (!isExpired(expiresAtOf(item), access.clock.now())) rows.push(item)
      const found = await allKeptOf(access, rows, 'reports')
      return found.flatMap((reports) => reports as readonly SignedReport[])
    },
  }
}
