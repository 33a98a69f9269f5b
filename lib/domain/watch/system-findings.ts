import type { Finding } from '../incident.ts'
import type { Timestamp } from '../time.ts'
import { changeFindings } from './change-findings.ts'
import { deadlineFindings } from './deadline-findings.ts'
import { headFindings } from './head-findings.ts'
import { isUnseenLevel, levelFindings } from './level-findings.ts'
import { markFindings } from './mark-findings.ts'
import { progressFindings } from './progress-findings.ts'
import { settingFindings } from './setting-findings.ts'
import type { SystemMemory } from './system-memory.ts'
import { partOf, type SystemRules } from './system-rules.ts'
import { lasting } from './words.ts'

/**
 * Everything that is wrong with a watched system, by what is remembered of it alone. What goes on there is judged as of the
 * last look, and not at all where that is too long ago; clocks and announcements run on without one.
 */
export function systemFindings(
  memory: SystemMemory,
  at: { readonly now: Timestamp; readonly rules: SystemRules },
): readonly Finding[] {
  const seen = { ...at, now: memory.lookedAt }
  return [
    ...(isCurrent(memory, at) ? seenFindings(memory, seen) : []),
    ...deadlineFindings(memory, at),
    ...settingFindings(memory, at),
    ...changeFindings(memory, at),
  ]
}

/** Whether the last look is recent enough to judge by. */
export function isCurrent(
  { lookedAt }: SystemMemory,
  { now, rules }: { readonly now: Timestamp; readonly rules: SystemRules },
): boolean {
  return now - lookedAt <= rules.lookMs * rules.numbers.staleLooks
}

function seenFindings(
  memory: SystemMemory,
  at: { readonly now: Timestamp; readonly rules: SystemRules },
): readonly Finding[] {
  return [
    ...headFindings(memory, at),
    ...progressFindings(memory, at),
    ...levelFindings(memory, at),
    ...markFindings(memory, at),
    ...blindFindings(memory, at),
  ]
}

/** What can be neither found nor gone, since the parts that show it could not be seen in the last look. */
export function unseenOf({
  system,
  unseen,
  progress,
  levels,
  marks,
  chains,
}: SystemMemory): readonly Pick<Finding, 'rule' | 'subject'>[] {
  const parts = Object.keys(unseen)
  const named = (prefix: string, names: readonly string[]) =>
    names.filter((name) => parts.includes(`${prefix}:${name}`))
  const rules = (ofRules: readonly string[], names: readonly string[]) =>
    ofRules.flatMap((rule) => names.map((name) => ({ rule, subject: partOf(system, name) })))
  const dark = Object.entries(chains).flatMap(([name, { places }]) =>
    Object.values(places).every(({ trouble }) => trouble) ? [name] : [],
  )
  return [
    ...rules(['progress-stalled', 'cadence-changed'], named('progress', Object.keys(progress))),
    ...rules(
      [
        'level-out-of-bounds',
        'level-jumped',
        'backlog-growing',
        'fund-falling',
        'liquidation-burst',
      ],
      Object.keys(levels).filter((name) => isUnseenLevel({ unseen }, name)),
    ),
    ...rules(['mark-apart'], parts.includes('marks') ? Object.keys(marks) : []),
    ...rules(['chain-stalled', 'blocks-slow', 'nodes-disagree', 'clocks-apart'], dark),
  ]
}

/** A part that could not be seen for long is not watched (MON-2). */
function blindFindings(
  { system, unseen }: SystemMemory,
  { rules: { numbers } }: { readonly rules: SystemRules },
): readonly Finding[] {
  return Object.entries(unseen).map(([part, { since, reason }]) => ({
    rule: 'watch-blind',
    subject: partOf(system, part),
    severity: 'warning',
    summary: `${part} of ${system} cannot be seen: ${reason}; told after ${lasting(numbers.blindMs)}`,
    since,
    afterMs: numbers.blindMs,
  }))
}
