import type { Governance, GovernanceEvent } from '../../domain/parameters/governance.ts'
import type { ParameterSet } from '../../domain/parameters/parameter-set.ts'
import type { GovernanceRows } from '../../ports.ts'
import { bytes, keyItem, packedOf, whole } from './item.ts'
import { pack } from './packed.ts'
import { get, partition } from './reads.ts'
import type { TableAccess } from './table-access.ts'
import { governanceKey, governanceStepKey, governanceSteps, parametersKey } from './table.ts'
import { nextVersion } from './version.ts'
import { put, putIf } from './writes.ts'

/**
 * One row says where the parameters stand, with the step that led there; the next write first gives that step a row of its own,
 * so that none is ever lost, whoever stops in between. None of it expires.
 */
export function dynamoGovernance(access: TableAccess): GovernanceRows {
  async function read(): Promise<Governance | undefined> {
    const item = await get(access, governanceKey)
    return item && (packedOf(item, 'state') as Governance)
  }

  return {
    read,

    async write(next, before) {
      if (before.version > 0) {
        const { version } = before
        const step = { ...keyItem(governanceStepKey(version)), step: bytes(pack(before.event)) }
        // Two that write after the same step write the same row.
        await putIf(access, step, { expression: 'attribute_not_exists(pk)' })
      }
      const row = {
        ...keyItem(governanceKey),
        version: whole(next.version),
        state: bytes(pack(next)),
      }
      const decision = await putIf(access, row, nextVersion(next.version))
      return decision.kind === 'written' ? 'written' : 'stale'
    },

    async events(limit) {
      if (limit < 1) return []
      const newest = await read()
      const found: GovernanceEvent[] = newest ? [newest.event] : []
      const order = { newestFirst: true, pageSize: limit }
      for await (const item of partition(access, governanceSteps, order)) {
        if (found.length >= limit) break
        const step = packedOf(item, 'step') as GovernanceEvent
        if (step.version < (newest?.version ?? 0)) found.push(step)
      }
      return found
    },

    async keepSet(set) {
      await put(access, { ...keyItem(parametersKey(set.hash)), set: bytes(pack(set)) })
    },

    async set(hash) {
      const item = await get(access, parametersKey(hash))
      return item && (packedOf(item, 'set') as ParameterSet)
    },
  }
}
