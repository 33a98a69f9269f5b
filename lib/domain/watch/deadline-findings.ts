import type { Finding } from '../incident.ts'
import { timestamp, type Timestamp } from '../time.ts'
import type { SystemMemory } from './system-memory.ts'
import { partOf, type SystemRules } from './system-rules.ts'
import { lasting, utc } from './words.ts'

/** Contracts' clocks of which much has run (DL-1). No other incident explains one away: it is what will really happen. */
export function deadlineFindings(
  { system, deadlines }: Pick<SystemMemory, 'system' | 'deadlines'>,
  { now, rules: { numbers } }: { readonly now: Timestamp; readonly rules: SystemRules },
): readonly Finding[] {
  return deadlines.flatMap(({ name, from, until, text }) => {
    const at = (share: number): Timestamp =>
      timestamp(Math.round(from + share * Math.max(0, until - from)))
    const [warnAt, pageAt] = [at(numbers.deadlineWarnShare), at(numbers.deadlinePageShare)]
    if (now < warnAt) return []
    const isUrgent = now >= pageAt
    const left =
      now < until
        ? `${lasting(until - now)} are left until ${utc(until)}`
        : `it has been over since ${utc(until)}`
    return [
      {
        rule: 'deadline-near',
        subject: partOf(system, name),
        severity: isUrgent ? ('critical' as const) : ('warning' as const),
        summary: `${partOf(system, name)}: ${text}; ${left}`,
        since: isUrgent ? pageAt : warnAt,
        afterMs: 0,
      },
    ]
  })
}
