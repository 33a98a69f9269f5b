import { decode, encode } from '../../domain/exact-text.ts'
import type { Tick, TickOutcome, Ticks } from '../../ports.ts'
import { expiresAtOf, type Item, keyItem, text, textOf, timeOf, ttl, whole } from './item.ts'
import { partition } from './reads.ts'
import { expiry, isExpired } from './retention.ts'
import type { TableAccess } from './table-access.ts'
import { tickKey, tickPartition } from './table.ts'
import { putIf, updateIf } from './writes.ts'

/** One row per slot: who claimed it, and how it ended. */
export function dynamoTicks(access: TableAccess): Ticks {
  return {
    async claim({ job, subject, slot }, worker, now, leaseUntil) {
      const row = {
        ...keyItem(tickKey(job, subject, slot)),
        worker: text(worker),
        claimedAt: whole(now),
        leaseUntil: whole(leaseUntil),
        expiresAt: ttl(expiry('tick', now)),
      }
      const decision = await putIf(access, row, {
        expression:
          'attribute_not_exists(pk) OR (attribute_not_exists(#outcome) AND #lease <= :now)',
        names: { '#outcome': 'outcome', '#lease': 'leaseUntil' },
        values: { ':now': whole(now) },
      })
      return decision.kind === 'written'
    },

    // A worker whose lease was taken over, or who has said it already, changes nothing: what is stored is the truth.
    async finish({ job, subject, slot }, worker, outcome) {
      await updateIf(access, tickKey(job, subject, slot), {
        set: { outcome: text(encode(outcome)) },
        when: {
          expression: '#worker = :worker AND attribute_not_exists(#outcome)',
          names: { '#worker': 'worker', '#outcome': 'outcome' },
          values: { ':worker': text(worker) },
        },
      })
    },

    async recent(job, subject, limit) {
      const ticks: Tick[] = []
      if (limit < 1) return ticks
      const order = { newestFirst: true, pageSize: limit }
      for await (const item of partition(access, tickPartition(job, subject), order)) {
        if (isExpired(expiresAtOf(item), access.clock.now())) continue
        ticks.push(tickOf(item, job, subject))
        if (ticks.length === limit) break
      }
      return ticks
    },
  }
}

function tickOf(item: Item, job: string, subject: string): Tick {
  const outcome = item['outcome']?.S
  return {
    job: { job, subject, slot: Number(textOf(item, 'sk')) },
    worker: textOf(item, 'worker'),
    claimedAt: timeOf(item, 'claimedAt'),
    outcome: outcome === undefined ? undefined : (decode(outcome) as TickOutcome),
  }
}
