import type { Finding } from '../incident.ts'
import type { Timestamp } from '../time.ts'
import { apartBps } from './mark-distance.ts'
import type { SystemMemory } from './system-memory.ts'
import { partOf, type SystemRules } from './system-rules.ts'

/** Published marks that are further from ours than they usually are. */
export function markFindings(
  { system, marks, unseen }: SystemMemory,
  { rules: { numbers } }: { readonly now: Timestamp; readonly rules: SystemRules },
): readonly Finding[] {
  if (Object.hasOwn(unseen, 'marks')) return []
  return Object.entries(marks).flatMap(([market, { last, bps, apartSince, buckets }]) => {
    if (apartSince === undefined || bps === undefined) return []
    const subject = partOf(system, market)
    const limit = Math.round(apartBps(buckets.slice(0, -1), numbers))
    return [
      {
        rule: 'mark-apart',
        subject,
        severity: 'warning' as const,
        summary: `${subject} has the mark ${last.mark}, ours is ${last.ours ?? ''}: ${Math.round(bps)} bps apart, up to ${limit} are usual`,
        since: apartSince,
        afterMs: numbers.markMs,
      },
    ]
  })
}
