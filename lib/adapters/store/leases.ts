import { granted, type Lease } from '../../domain/lease.ts'
import type { Leases } from '../../ports.ts'
import { type Item, keyItem, text, timeOf, whole, wholeOf } from './item.ts'
import { get } from './reads.ts'
import type { TableAccess } from './table-access.ts'
import { leaseKey } from './table.ts'
import { type Condition, putIf, updateIf } from './writes.ts'

/** Owners of one lease that write at the same moment are few; each of these lost turns means that another had its own. */
const mostTurns = 8

/** One row per lease. It is never deleted: its fencing token must only grow. */
export function dynamoLeases(access: TableAccess): Leases {
  return {
    async hold(wish) {
      for (let turn = 0; turn < mostTurns; turn += 1) {
        const item = await get(access, leaseKey(wish.name))
        const before = item && leaseOf(item, wish.name)
        const lease = granted(before, wish)
        if (!lease) return undefined
        if (lease === before) return lease.fence
        const decision = await putIf(access, row(lease), unchanged(before))
        if (decision.kind === 'written') return lease.fence
      }
      return undefined
    },

    async release(name, fence) {
      await updateIf(access, leaseKey(name), {
        set: {},
        remove: ['owner'],
        when: {
          expression: '#fence = :fence',
          names: { '#fence': 'fence' },
          values: { ':fence': whole(fence) },
        },
      })
    },
  }
}

function row({ name, owner, until, fence }: Lease): Item {
  return {
    ...keyItem(leaseKey(name)),
    ...(owner === undefined ? {} : { owner: text(owner) }),
    until: whole(until),
    fence: whole(fence),
  }
}

function leaseOf(item: Item, name: string): Lease {
  const owner = item['owner']?.S
  return { name, owner, until: timeOf(item, 'until'), fence: wholeOf(item, 'fence') }
}

function unchanged(before: Lease | undefined): Condition {
  if (!before) return { expression: 'attribute_not_exists(pk)' }
  const { owner, until, fence } = before
  return {
    expression: `#fence = :fence AND #until = :until AND ${owner === undefined ? 'attribute_not_exists(#owner)' : '#owner = :owner'}`,
    names: { '#fence': 'fence', '#until': 'until', '#owner': 'owner' },
    values: {
      ':fence': whole(fence),
      ':until': whole(until),
      ...(owner === undefined ? {} : { ':owner': text(owner) }),
    },
  }
}
