import type { Finding } from '../incident.ts'
import type { Timestamp } from '../time.ts'
import { cadenceOf } from './cadence.ts'
import { fundFalling } from './fund-falling.ts'
import { liquidationBurst } from './liquidation-burst.ts'
import type { LevelBucket, LevelMemory, SystemMemory } from './system-memory.ts'
import { partOf, type SystemRules } from './system-rules.ts'
import { figure, utc } from './words.ts'

/** Numbers out of their bounds, or of what is usual, and what waits and only grows (SET-2). */
export function levelFindings(
  memory: SystemMemory,
  { now, rules }: { readonly now: Timestamp; readonly rules: SystemRules },
): readonly Finding[] {
  return Object.entries(memory.levels).flatMap(([name, level]) => {
    if (isUnseenLevel(memory, name)) return []
    const subject = partOf(memory.system, name)
    const windowMs = windowOf(memory, rules)
    return [
      outside(subject, level, rules),
      jumped(subject, level, { now, rules }),
      growing(subject, level, { windowMs, rules }),
      fundFalling(subject, level, { now, rules }),
      liquidationBurst(subject, level, { now, rules }),
    ].flatMap((finding) => finding ?? [])
  })
}

/** `level:insurance-fund` hides the funds of single markets too, such as `insurance-fund:MOG-USD`. */
export function isUnseenLevel({ unseen }: Pick<SystemMemory, 'unseen'>, name: string): boolean {
  return Object.keys(unseen).some(
    (part) => part === `level:${name}` || `level:${name}`.startsWith(`${part}:`),
  )
}

function outside(subject: string, { last, at, outSince }: LevelMemory, rules: SystemRules) {
  const { name, value, unit } = last
  const floor = own(rules.floors, name) ?? last.floor
  const ceiling = own(rules.ceilings, name) ?? last.ceiling
  const isBelow = floor !== undefined && value < floor
  if (!isBelow && !(ceiling !== undefined && value > ceiling)) return undefined
  const bound = isBelow ? `below ${floor}` : `above ${ceiling}`
  return {
    rule: 'level-out-of-bounds',
    subject,
    severity: 'warning',
    summary: `${subject} is ${value} ${unit}, ${bound}`,
    since: outSince ?? at,
    // One odd answer is not a level.
    afterMs: 30_000,
  } satisfies Finding
}

/** What nobody could have brought about by the rules: a funding index that was set to zero, a number in other units. */
function jumped(
  subject: string,
  { last, jumped: jump }: LevelMemory,
  { now, rules }: { readonly now: Timestamp; readonly rules: SystemRules },
): Finding | undefined {
  if (!jump || now - jump.at >= rules.numbers.jumpToldMs) return undefined
  const { at, from, to, most } = jump
  const allowed =
    most === undefined
      ? `${last.mostPerHour ?? 0} in an hour`
      : `${figure(most)} since it was written before`
  return {
    rule: 'level-jumped',
    subject,
    severity: 'critical',
    summary: `${subject} went from ${figure(from)} to ${figure(to)} ${last.unit} at ${utc(at)}; its rules allow ${allowed}`,
    since: at,
    afterMs: 0,
  }
}

/**
 * What waits goes up until it is settled, and down then. It is the lowest of each hour, or of two usual intervals where those
 * are longer, that must not grow from each to the next.
 */
function growing(
  subject: string,
  { last, buckets }: LevelMemory,
  { windowMs, rules }: { readonly windowMs: number; readonly rules: SystemRules },
): Finding | undefined {
  if (last.drains !== true) return undefined
  const { growthWindows, growthShare } = rules.numbers
  const lows = lowest(buckets, windowMs, growthWindows + 1)
  const grew = lows.slice(1).map((low, index) => low - (lows[index] ?? low))
  const isGrowing =
    lows.length > growthWindows &&
    grew.every((by, index) => by > 0 && by >= growthShare * (lows[index] ?? 0))
  const [first] = lows
  const since = buckets.at(-1)?.at
  if (!isGrowing || first === undefined || since === undefined) return undefined
  return {
    rule: 'backlog-growing',
    subject,
    severity: 'warning',
    summary: `${subject} does not drain: at least ${lows.join(', then ')} ${last.unit} waited in each ${Math.round(windowMs / 60_000)} min, now ${last.value}`,
    since,
    afterMs: 0,
  }
}

/** Of each window, oldest first; fewer where not all of them are known. */
function lowest(
  buckets: readonly LevelBucket[],
  windowMs: number,
  windows: number,
): readonly number[] {
  const end = buckets.at(-1)?.at
  const oldest = buckets[0]?.at
  if (end === undefined || oldest === undefined) return []
  return Array.from({ length: windows }, (_, index) => {
    const until = end - (windows - 1 - index) * windowMs
    const some = buckets.filter(({ at }) => at > until - windowMs && at <= until)
    return until - windowMs < oldest || some.length === 0
      ? undefined
      : Math.min(...some.map(({ low }) => low))
  }).flatMap((low) => low ?? [])
}

function windowOf({ progress }: SystemMemory, { numbers }: SystemRules): number {
  const usual = Object.values(progress).flatMap(
    ({ steps }) => cadenceOf(steps, numbers)?.medianMs ?? [],
  )
  return Math.max(numbers.growthWindowMs, 2 * Math.max(0, ...usual))
}

function own(record: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
