import type { Finding } from '../incident.ts'
import type { Timestamp } from '../time.ts'
import type { SettingMemory, SystemMemory } from './system-memory.ts'
import { partOf, type SystemRules } from './system-rules.ts'
import { utc } from './words.ts'

/** Settings that changed (CFG-1), and those that are not what the network file expects. */
export function settingFindings(
  { system, settings }: SystemMemory,
  { now, rules }: { readonly now: Timestamp; readonly rules: SystemRules },
): readonly Finding[] {
  return Object.entries(settings).flatMap(([name, setting]) => {
    const subject = partOf(system, name)
    const expected = Object.hasOwn(rules.expect, name) ? rules.expect[name] : undefined
    return [
      changed(subject, setting, { now, rules }),
      unexpected(subject, setting, expected),
    ].flatMap((finding) => finding ?? [])
  })
}

function changed(
  subject: string,
  { value, since, before, announcedBy, insteadOf }: SettingMemory,
  { now, rules: { numbers } }: { readonly now: Timestamp; readonly rules: SystemRules },
): Finding | undefined {
  if (before === undefined || now - since >= numbers.changeToldMs) return undefined
  if (insteadOf)
    return {
      rule: 'change-differs',
      subject,
      severity: 'critical',
      summary: `${subject} became ${value} at ${utc(since)}, and ${insteadOf.change} announced ${insteadOf.value}`,
      since,
      afterMs: 0,
    }
  const how = announcedBy === undefined ? 'nobody announced it' : `announced by ${announcedBy}`
  return {
    rule: 'setting-changed',
    subject,
    severity: announcedBy === undefined ? 'warning' : 'info',
    summary: `${subject} became ${value} at ${utc(since)}, it was ${before}; ${how}`,
    since,
    afterMs: 0,
  }
}

function unexpected(
  subject: string,
  { value, since }: SettingMemory,
  expected: string | undefined,
): Finding | undefined {
  if (expected === undefined || expected === value) return undefined
  return {
    rule: 'setting-unexpected',
    subject,
    severity: 'critical',
    summary: `${subject} is ${value}, and the network file expects ${expected}`,
    since,
    afterMs: 0,
  }
}
