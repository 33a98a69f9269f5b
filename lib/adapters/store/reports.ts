import type { SignedReport } from '../../domain/report.ts'
import type { Reports } from '../../ports.ts'
import { bytes, expiresAtOf, keyItem, packedOf, ttl } from './item.ts'
import { pack } from './packed.ts'
import { partition } from './reads.ts'
import { expiry, isExpired } from './retention.ts'
import type { TableAccess } from './table-access.ts'
import { reportKey, reportPartition } from './table.ts'
import { putIf } from './writes.ts'

/** One packed row per node and round, written once. */
export function dynamoReports(access: TableAccess): Reports {
  return {
    async publish(node, round, reports) {
      const row = {
        ...keyItem(reportKey(node, round)),
        reports: bytes(pack(reports)),
        expiresAt: ttl(expiry('report', access.clock.now())),
      }
      const decision = await putIf(access, row, { expression: 'attribute_not_exists(pk)' })
      return decision.kind === 'written' ? 'published' : 'already-published'
    },

    async ofRound(round) {
      const found: SignedReport[] = []
      for await (const item of partition(access, reportPartition(round), { newestFirst: false })) {
        if (isExpired(expiresAtOf(item), access.clock.now())) continue
        found.push(...(packedOf(item, 'reports') as readonly SignedReport[]))
      }
      return found
    },
  }
}
