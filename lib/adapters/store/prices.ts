import process from 'node:process'

import type { Prices } from '../../ports.ts'
import { expiresAtOf, type Item, keyItem, ttl, whole, wholeOf } from './item.ts'
import { BrokenBlobError, keptColumn, keptOf } from './kept.ts'
import { get } from './reads.ts'
import { expiry, isExpired } from './retention.ts'
import type { TableAccess } from './table-access.ts'
import { pricesKey } from './table.ts'
import { putIf } from './writes.ts'

/** All markets of a node in one row, or in a blob that it names: one decision, and never half a tick. */
export function dynamoPrices(access: TableAccess): Prices {
  return {
    async write(node, round, snapshot) {
      const row = {
        ...keyItem(pricesKey(node)),
        round: whole(round),
        ...(await keptColumn(access, 'snapshot', snapshot)),
        expiresAt: ttl(expiry('prices', access.clock.now())),
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
      if (!item || isExpired(expiresAtOf(item), access.clock.now())) return undefined
      const snapshot = await snapshotOf(access, item)
      return snapshot === undefined ? undefined : { round: wholeOf(item, 'round'), snapshot }
    },
  }
}

/** What is lost is as good as never written: the next round writes a new one, and a node must not stand still until then. */
async function snapshotOf(access: TableAccess, item: Item): Promise<string | undefined> {
  try {
    return (await keptOf(access, item, 'snapshot')) as string
  } catch (error) {
    if (!(error instanceof BrokenBlobError)) throw error
    process.emitWarning(`${error.message}; its guards begin anew`)
    return undefined
  }
}
