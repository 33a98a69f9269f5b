import { type Incident, isFinished } from '../../domain/incident.ts'
import type { Incidents } from '../../ports.ts'
import { bytes, expiresAtOf, type Item, keyItem, packedOf, text, ttl, whole } from './item.ts'
import { pack } from './packed.ts'
import { get, getMany, listed } from './reads.ts'
import { expiry, isExpired } from './retention.ts'
import type { TableAccess } from './table-access.ts'
import { incidentKey, incidentList, listedAt, openIndex, recentIndex } from './table.ts'
import { nextVersion } from './version.ts'
import { type Condition, putIf } from './writes.ts'

/** One row per rule and subject; in the index of open work until it is resolved and everybody was told. */
export function dynamoIncidents(access: TableAccess): Incidents {
  const live = (item: Item): boolean => !isExpired(expiresAtOf(item), access.clock.now())

  return {
    async read(rule, subject) {
      const item = await get(access, incidentKey(rule, subject))
      return item && live(item) ? (packedOf(item, 'incident') as Incident) : undefined
    },

    async write(incident) {
      const condition = afterExpired(nextVersion(incident.version), incident.version, access)
      const decision = await putIf(access, rowOf(incident, access), condition)
      return decision.kind === 'written' ? 'written' : 'stale'
    },

    async open() {
      const found: Incident[] = []
      const list = { name: incidentList, newestFirst: false }
      for await (const keys of listed(access, openIndex, list)) {
        const items = await getMany(access, keys)
        found.push(...items.map((item) => packedOf(item, 'incident') as Incident))
      }
      // The index may still list what was finished a moment ago.
      return found.filter((incident) => !isFinished(incident))
    },

    async recent(limit) {
      const found: Incident[] = []
      if (limit < 1) return found
      const list = { name: incidentList, newestFirst: true, pageSize: limit }
      for await (const keys of listed(access, recentIndex, list)) {
        const items = await getMany(access, keys)
        found.push(...items.filter(live).map((item) => packedOf(item, 'incident') as Incident))
        if (found.length >= limit) break
      }
      return found.slice(0, limit)
    },
  }
}

function rowOf(incident: Incident, { clock }: TableAccess): Item {
  const { rule, subject, seenAt } = incident
  const since = text(listedAt(seenAt, rule, subject))
  return {
    ...keyItem(incidentKey(rule, subject)),
    version: whole(incident.version),
    incident: bytes(pack(incident)),
    [recentIndex.partition]: text(incidentList),
    [recentIndex.sort]: since,
    ...(isFinished(incident)
      ? { expiresAt: ttl(expiry('incident', clock.now())) }
      : { [openIndex.partition]: text(incidentList), [openIndex.sort]: since }),
  }
}

/** A first version may also follow a row that has expired and is only not yet deleted. */
function afterExpired(condition: Condition, version: number, { clock }: TableAccess): Condition {
  if (version !== 1) return condition
  return {
    expression: `${condition.expression} OR #expires <= :second`,
    names: { '#expires': 'expiresAt' },
    values: { ':second': whole(Math.floor(clock.now() / 1000)) },
  }
}
