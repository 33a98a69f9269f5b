import type { Prices } from '../../ports.ts'
import { bytes, keyItem, packedOf, whole, wholeOf } from './item.ts'
import { pack } from './packed.ts'
import { get } from './reads.ts'
import type { TableAccess } from './table-access.ts'
import { pricesKey } from './table.ts'
import { putIf } from './writes.ts'

/** All markets of a node in one packed row: one write, and never half a tick. */
export function dynamoPrices(access: TableAccess): Prices {
  return {
    async write(node, round, snapshot) {
      const row = {
        ...keyItem(pricesKey(node)),
        round: whole(round),
        snapshot: bytes(pack(snapshot)),
      }
      const decision = await putIf(access, row, {
        expression: 'attribute_not_exists(pk) OR #round < :round',
        names: { '#round': 'round' },
        values: { ':round': whole(round) },
      })
      return decision.kind === 'written' ? 'written' : 'stale'
    },

    async read(node) {
      const item = await get(access, pricesKey(node))
      return (
        item && { round: wholeOf(item, 'round'), snapshot: packedOf(item, 'snapshot') as string }
      )
    },
  }
}
