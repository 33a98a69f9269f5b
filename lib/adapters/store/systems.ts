import process from 'node:process'

import type { SystemMemory } from '../../domain/watch/system-memory.ts'
import type { SystemMemories } from '../../ports.ts'
import { expiresAtOf, type Item, keyItem, ttl, whole } from './item.ts'
import { BrokenBlobError, keptColumn, keptOf } from './kept.ts'
import { get } from './reads.ts'
import { expiry, isExpired } from './retention.ts'
import type { TableAccess } from './table-access.ts'
import { systemKey } from './table.ts'
import { putIf } from './writes.ts'

/** One row per watched system, or a blob that it names. */
export function dynamoSystems(access: TableAccess): SystemMemories {
  return {
    async read(system) {
      const item = await get(access, systemKey(system))
      if (!item || isExpired(expiresAtOf(item), access.clock.now())) return undefined
      return await memoryOf(access, item)
    },

    async write(memory) {
      const row = {
        ...keyItem(systemKey(memory.system)),
        lookedAt: whole(memory.lookedAt),
        ...(await keptColumn(access, 'memory', memory)),
        expiresAt: ttl(expiry('system', access.clock.now())),
      }
      const decision = await putIf(access, row, {
        expression: 'attribute_not_exists(pk) OR #lookedAt < :lookedAt',
        names: { '#lookedAt': 'lookedAt' },
        values: { ':lookedAt': whole(memory.lookedAt) },
      })
      return decision.kind === 'written' ? 'written' : 'stale'
    },
  }
}

/** What is lost is as good as never written: the next look begins anew, and a watcher must not stand still until then. */
async function memoryOf(access: TableAccess, item: Item): Promise<SystemMemory | undefined> {
  try {
    return (await keptOf(access, item, 'memory')) as SystemMemory
  } catch (error) {
    if (!(error instanceof BrokenBlobError)) throw error
    process.emitWarning(`${error.message}; what was usual there is learnt anew`)
    return undefined
  }
}
