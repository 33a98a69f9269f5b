import type { Finding } from '../incident.ts'
import type { Timestamp } from '../time.ts'
import type { WatchParameters } from './parameters.ts'
import { deviationOf, medianOf, normalDeviation } from './spread.ts'
import type { LevelBucket, LevelMemory } from './system-memory.ts'
import type { SystemRules } from './system-rules.ts'

/** Far more liquidations in an hour than in the hours of the last two days: the market fell, or what accounts are measured by did. */
export function liquidationBurst(
  subject: string,
  { last: { bursts, value }, buckets }: LevelMemory,
  { now, rules: { numbers } }: { readonly now: Timestamp; readonly rules: SystemRules },
): Finding | undefined {
  if (bursts !== true) return undefined
  const hours = hourlyHighs(buckets, now)
  const usual = medianOf(hours)
  if (usual === undefined || hours.length < numbers.burstHours) return undefined
  const most = mostUsual(hours, usual, numbers)
  if (value <= most) return undefined
  return {
    rule: 'liquidation-burst',
    subject,
    severity: value <= most * numbers.burstPageTimes ? 'warning' : 'critical',
    summary: `${subject}: ${value} in the last hour, up to ${Math.floor(most)} are usual (the middle one of ${hours.length} hours has ${usual})`,
    since: beginOf(buckets, most) ?? now,
    afterMs: 0,
  }
}

const hourMs = 60 * 60_000

/** The most of each whole hour before the last one, which is not judged by itself. */
function hourlyHighs(buckets: readonly LevelBucket[], now: Timestamp): readonly number[] {
  const hours = Map.groupBy(buckets, ({ at }) => Math.floor((now - at) / hourMs))
  return [...hours].flatMap(([age, some]) =>
    age < 1 ? [] : [Math.max(...some.map(({ high }) => high))],
  )
}

function mostUsual(
  hours: readonly number[],
  usual: number,
  { burstFewest, burstTimes, lateDeviations }: WatchParameters,
): number {
  const spread = lateDeviations * normalDeviation * deviationOf(hours, usual)
  return Math.max(burstFewest, burstTimes * usual, usual + spread)
}

/** Since when it has been beyond that. */
function beginOf(buckets: readonly LevelBucket[], most: number): Timestamp | undefined {
  const calm = buckets.findLastIndex(({ high }) => high <= most)
  return buckets[calm + 1]?.at
}
