import type { Finding } from '../incident.ts'
import { timestamp, type Timestamp } from '../time.ts'
import { cadenceOf } from './cadence.ts'
import type { ProgressMemory, SystemMemory } from './system-memory.ts'
import { partOf, type SystemRules } from './system-rules.ts'
import { lasting, utc } from './words.ts'

/** Kinds of progress that have stopped (SET-1), or have another pace than before. */
export function progressFindings(
  { system, progress, unseen }: SystemMemory,
  { now, rules }: { readonly now: Timestamp; readonly rules: SystemRules },
): readonly Finding[] {
  return Object.entries(progress).flatMap(([name, memory]) => {
    if (Object.hasOwn(unseen, `progress:${name}`)) return []
    const look = { subject: partOf(system, name), name, memory, now, rules }
    return [late(look), otherCadence(look)].flatMap((finding) => finding ?? [])
  })
}

type ProgressLook = {
  readonly subject: string
  readonly name: string
  readonly memory: ProgressMemory
  readonly now: Timestamp
  readonly rules: SystemRules
}

/** When a step is late, and when so late that somebody is woken; undefined where nobody can tell yet. */
export function progressLimits(
  name: string,
  memory: ProgressMemory,
  { numbers, mostMs }: SystemRules,
):
  | { readonly warnMs: number; readonly pageMs: number; readonly usualMs: number | undefined }
  | undefined {
  const cadence = cadenceOf(memory.steps, numbers)
  const most = Object.hasOwn(mostMs, name) ? mostMs[name] : undefined
  if (!cadence)
    return most === undefined
      ? undefined
      : { warnMs: Math.ceil(most / 2), pageMs: most, usualMs: undefined }
  const pageMs = most ?? Math.ceil(cadence.pageMs)
  return { warnMs: Math.min(Math.ceil(cadence.warnMs), pageMs), pageMs, usualMs: cadence.medianMs }
}

function late({ subject, name, memory, now, rules }: ProgressLook): Finding | undefined {
  const limits = progressLimits(name, memory, rules)
  if (!limits) return undefined
  const { warnMs, pageMs, usualMs } = limits
  const last = memory.steps.at(-1)
  const since = last?.at ?? memory.since
  const ageMs = now - since
  if (ageMs <= warnMs) return undefined
  const usual = usualMs === undefined ? '' : `, ${lasting(usualMs)} are usual`
  const what = last
    ? `no ${name} since ${last.what} at ${utc(last.at)}`
    : `no ${name} was ever seen`
  return {
    rule: 'progress-stalled',
    subject,
    severity: ageMs > pageMs ? 'critical' : 'warning',
    summary: `${subject}: ${what}, for ${lasting(ageMs)} (limit ${lasting(warnMs)}${usual})`,
    since: timestamp(since + warnMs),
    afterMs: 0,
  }
}

function otherCadence({ subject, memory, now, rules }: ProgressLook): Finding | undefined {
  const cadence = cadenceOf(memory.steps, rules.numbers)
  if (cadence?.beforeMs === undefined) return undefined
  return {
    rule: 'cadence-changed',
    subject,
    severity: 'info',
    summary: `${subject} comes every ${lasting(cadence.medianMs)} of late, and every ${lasting(cadence.beforeMs)} before: it is judged by the new pace`,
    since: now,
    afterMs: 0,
  }
}
