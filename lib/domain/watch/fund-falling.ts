import type { Finding } from '../incident.ts'
import type { Timestamp } from '../time.ts'
import type { LevelMemory } from './system-memory.ts'
import type { SystemRules } from './system-rules.ts'
import { figure, lasting } from './words.ts'

/** An insurance fund that pays faster than any hour of liquidations should cost: what it does not have, everybody loses. */
export function fundFalling(
  subject: string,
  { last: { pays, value, unit }, buckets }: LevelMemory,
  { now, rules: { numbers } }: { readonly now: Timestamp; readonly rules: SystemRules },
): Finding | undefined {
  if (pays !== true) return undefined
  const { fundFallMs, fundFallShare, fundFallPageShare, fundFallLeast } = numbers
  const recent = buckets.filter(({ at }) => at > now - fundFallMs)
  const high = Math.max(...recent.map((bucket) => bucket.high))
  const from = recent.findLast((bucket) => bucket.high === high)
  const fell = (high - value) / high
  if (!from || high < fundFallLeast || fell < fundFallShare) return undefined
  return {
    rule: 'fund-falling',
    subject,
    severity: fell < fundFallPageShare ? 'warning' : 'critical',
    summary: `${subject} fell from ${figure(high)} to ${figure(value)} ${unit} within ${lasting(fundFallMs)}, ${Math.floor(fell * 100)} % of it; told from ${Math.round(fundFallShare * 100)} % on`,
    since: from.at,
    afterMs: 0,
  }
}
