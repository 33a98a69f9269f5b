import type { PositionRow, PositionRows } from '../../ports.ts'
import { bytes, keyItem, packedOf, whole } from './item.ts'
import { pack } from './packed.ts'
import { get } from './reads.ts'
import type { TableAccess } from './table-access.ts'
import { positionsKey } from './table.ts'
import { nextVersion } from './version.ts'
import { putIf } from './writes.ts'

/** One small row per exchange; the accounts themselves lie in files. */
export function dynamoPositions(access: TableAccess): PositionRows {
  return {
    async read(engine) {
      const item = await get(access, positionsKey(engine))
      return item && (packedOf(item, 'positions') as PositionRow)
    },

    async write(engine, row) {
      const item = {
        ...keyItem(positionsKey(engine)),
        version: whole(row.version),
        positions: bytes(pack(row)),
      }
      const decision = await putIf(access, item, nextVersion(row.version))
      return decision.kind === 'written' ? 'written' : 'stale'
    },
  }
}
