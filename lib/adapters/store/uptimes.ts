import type { Uptime } from '../../domain/watch/uptime.ts'
import type { Uptimes } from '../../ports.ts'
import { bytes, expiresAtOf, keyItem, packedOf, ttl, whole } from './item.ts'
import { pack } from './packed.ts'
import { get } from './reads.ts'
import { expiry, isExpired } from './retention.ts'
import type { TableAccess } from './table-access.ts'
import { uptimeKey } from './table.ts'
import { putIf } from './writes.ts'

/** One small row per chain. */
export function dynamoUptimes(access: TableAccess): Uptimes {
  return {
    async read(chain) {
      const item = await get(access, uptimeKey(chain))
      if (!item || isExpired(expiresAtOf(item), access.clock.now())) return undefined
      return packedOf(item, 'uptime') as Uptime
    },

    async write(uptime) {
      const row = {
        ...keyItem(uptimeKey(uptime.chain)),
        lookedAt: whole(uptime.at),
        uptime: bytes(pack(uptime)),
        expiresAt: ttl(expiry('system', access.clock.now())),
      }
      const decision = await putIf(access, row, {
        expression: 'attribute_not_exists(pk) OR #lookedAt < :lookedAt',
        names: { '#lookedAt': 'lookedAt' },
        values: { ':lookedAt': whole(uptime.at) },
      })
      return decision.kind === 'written' ? 'written' : 'stale'
    },
  }
}
