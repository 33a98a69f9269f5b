import type { Finding } from '../incident.ts'
import type { Timestamp } from '../time.ts'
import { apartBps } from './mark-distance.ts'
import type { SystemMemory } from './system-memory.ts'
import { partOf, type SystemRules } from './system-rules.ts'
import type { MarkSight } from './system-sight.ts'

/** Published marks that are further from ours, or from the other exchanges', than they usually are. */
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
        summary: `${subject} has the mark ${last.mark}, ${besideText(last)}: ${Math.round(bps)} bps apart, up to ${limit} are usual`,
        since: apartSince,
        afterMs: numbers.markMs,
      },
    ]
  })
}

function besideText({ ours, others }: MarkSight): string {
  if (ours !== undefined || !others) return `ours is ${ours ?? ''}`
  return `held against the other exchanges' median ${others.median} (of ${others.of.join(', ')})`
}
