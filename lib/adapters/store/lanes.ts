import type { Lane } from '../../domain/lane.ts'
import type { Lanes } from '../../ports.ts'
import { bytes, keyItem, packedOf, whole } from './item.ts'
import { pack } from './packed.ts'
import { get } from './reads.ts'
import type { TableAccess } from './table-access.ts'
import { laneKey } from './table.ts'
import { nextVersion } from './version.ts'
import { putIf } from './writes.ts'

/** One row per sending account, signed bytes and all; its version alone decides. */
export function dynamoLanes(access: TableAccess): Lanes {
  return {
    async read(id) {
      const item = await get(access, laneKey(id))
      return item && (packedOf(item, 'lane') as Lane)
    },

    async write(lane) {
      const row = {
        ...keyItem(laneKey(lane.id)),
        version: whole(lane.version),
        lane: bytes(pack(lane)),
      }
      const decision = await putIf(access, row, nextVersion(lane.version))
      return decision.kind === 'written' ? 'written' : 'stale'
    },
  }
}
