import type { Lane } from '../../domain/lane.ts'
import type { Lanes } from '../../ports.ts'
import { bytes, keyItem, packedOf, text, whole } from './item.ts'
import { pack } from './packed.ts'
import { get, listed } from './reads.ts'
import type { TableAccess } from './table-access.ts'
import { laneKey, laneList, laneOf, recentIndex } from './table.ts'
import { nextVersion } from './version.ts'
import { putIf } from './writes.ts'

/** One row per sending account, signed bytes and all; its version alone decides. */
export function dynamoLanes(access: TableAccess): Lanes {
  return {
    async read(id) {
      const item = await get(access, laneKey(id))
      return item && (packedOf(item, 'lane') as Lane)
    },

    async ids() {
      const found: string[] = []
      const list = { name: laneList, newestFirst: false }
      for await (const keys of listed(access, recentIndex, list)) found.push(...keys.map(laneOf))
      return found
    },

    async write(lane) {
      const row = {
        ...keyItem(laneKey(lane.id)),
        [recentIndex.partition]: text(laneList),
        [recentIndex.sort]: text(lane.id),
        version: whole(lane.version),
        lane: bytes(pack(lane)),
      }
      const decision = await putIf(access, row, nextVersion(lane.version))
      return decision.kind === 'written' ? 'written' : 'stale'
    },
  }
}
