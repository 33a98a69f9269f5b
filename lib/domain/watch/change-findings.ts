import type { Severity } from '../alert.ts'
import type { Finding } from '../incident.ts'
import { timestamp, type Timestamp } from '../time.ts'
import type { ChangeMemory, SystemMemory } from './system-memory.ts'
import { partOf, type SystemRules } from './system-rules.ts'
import { lasting, utc } from './words.ts'

/** What will change and when, told a week, a day and an hour before; and what took effect otherwise than it was announced. */
export function changeFindings(
  { system, changes }: SystemMemory,
  { now, rules: { numbers } }: { readonly now: Timestamp; readonly rules: SystemRules },
): readonly Finding[] {
  const reminders: readonly (readonly [string, number, Severity])[] = [
    ['change-ahead', numbers.remindFirstMs, 'info'],
    ['change-tomorrow', numbers.remindSecondMs, 'warning'],
    ['change-soon', numbers.remindLastMs, 'warning'],
  ]
  return Object.values(changes).flatMap((change) => {
    const subject = partOf(system, change.id)
    const due = reminders.flatMap(([rule, beforeMs, severity]) =>
      reminder(change, { rule, beforeMs, severity, subject, now }),
    )
    return [...due, ...differing(change, { subject, now, toldMs: numbers.changeToldMs })]
  })
}

/** Only the latest of the three that are due is told anew: the earlier ones stay as they are. */
function reminder(
  change: ChangeMemory,
  reminding: {
    readonly rule: string
    readonly beforeMs: number
    readonly severity: Severity
    readonly subject: string
    readonly now: Timestamp
  },
): readonly Finding[] {
  const { rule, beforeMs, severity, subject, now } = reminding
  const { effectiveAt, state, title, touches } = change
  if (effectiveAt === undefined || state === 'done' || state === 'dropped') return []
  const dueAt = Math.max(0, effectiveAt - beforeMs)
  if (now < dueAt || now >= effectiveAt) return []
  const what = touches.length === 0 ? '' : ` It touches ${touches.join(', ')}.`
  const sure = state === 'decided' ? 'takes effect' : 'may take effect'
  return [
    {
      rule,
      subject,
      severity,
      summary: `${subject}: “${title}” ${sure} in ${lasting(effectiveAt - now)}, at ${utc(effectiveAt)}.${what}`,
      since: timestamp(dueAt),
      afterMs: 0,
    },
  ]
}

function differing(
  { title, doneAt, differs }: ChangeMemory,
  at: { readonly subject: string; readonly now: Timestamp; readonly toldMs: number },
): readonly Finding[] {
  if (differs === undefined || doneAt === undefined || at.now - doneAt >= at.toldMs) return []
  return [
    {
      rule: 'change-differs',
      subject: at.subject,
      severity: 'critical',
      summary: `${at.subject}: “${title}” took effect at ${utc(doneAt)} otherwise than announced: ${differs}`,
      since: doneAt,
      afterMs: 0,
    },
  ]
}
