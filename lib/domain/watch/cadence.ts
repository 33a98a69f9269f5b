import type { Timestamp } from '../time.ts'
import { type Interval, lateAfter, limitOf, withoutStalls } from './late-limit.ts'
import type { WatchParameters } from './parameters.ts'
import { deviationOf, medianOf } from './spread.ts'

/** What is usual between two steps, and when the next one is late. */
export type Cadence = {
  readonly medianMs: number
  /** Median absolute deviation from it. */
  readonly madMs: number
  readonly samples: number
  /** After how long without a step people are told. */
  readonly warnMs: number
  /** After how long somebody is woken, where no other limit is given. */
  readonly pageMs: number
  /** What was usual before; absent where the pace of the whole month is one. */
  readonly beforeMs?: number
}

/**
 * What is usual, by steps in order of time; undefined where there are too few of them. It is taken of the month before the
 * last one, however long ago that is: a stall takes nothing away from what it is judged by.
 */
export function cadenceOf(
  steps: readonly { readonly at: Timestamp }[],
  numbers: WatchParameters,
): Cadence | undefined {
  const month = intervalsOf(steps, numbers)
  if (month.length < numbers.baselineSamples) return undefined
  const { span, before } = samePace(month, numbers)
  const usual = withoutStalls(span, numbers)
  const beforeMs = medianOf(before.map(({ ms }) => ms))
  const usualMs = usual.map(({ ms }) => ms)
  const medianMs = medianOf(usualMs) ?? 0
  return {
    medianMs,
    madMs: deviationOf(usualMs, medianMs),
    samples: usual.length,
    ...lateAfter({ span, usual, month }, numbers),
    ...(beforeMs !== undefined && { beforeMs }),
  }
}

function intervalsOf(
  steps: readonly { readonly at: Timestamp }[],
  { baselineMs }: WatchParameters,
): readonly Interval[] {
  const since = (steps.at(-1)?.at ?? 0) - baselineMs
  const recent = steps.filter(({ at }) => at >= since)
  return recent.slice(1).map(({ at }, index) => {
    const from = recent[index]?.at ?? at
    return { from, ms: at - from }
  })
}

/**
 * The intervals up to now that have one pace: those of the last day, then twice as many, and again, until the ones before
 * them had another. A new pace is believed only where it holds for nearly all that it was taken of: what comes at once after
 * a stall is no pace.
 */
function samePace(month: readonly Interval[], numbers: WatchParameters) {
  for (let count = latest(month, numbers); count < month.length; count *= 2) {
    const span = month.slice(-count)
    const before = month.slice(0, -count).slice(-Math.max(count, numbers.baselineSamples))
    if (before.length >= numbers.shortBaselineSamples && isOtherPace(span, before, numbers))
      return { span, before }
  }
  return { span: month, before: [] }
}

/** How many there were in the last day, or the fewest that a new pace is believed by. */
function latest(month: readonly Interval[], numbers: WatchParameters): number {
  const last = month.at(-1)
  const since = last ? last.from + last.ms - numbers.shortBaselineMs : 0
  return Math.max(
    numbers.shortBaselineSamples,
    month.filter(({ from, ms }) => from + ms >= since).length,
  )
}

function isOtherPace(
  span: readonly Interval[],
  before: readonly Interval[],
  numbers: WatchParameters,
): boolean {
  const { cadenceTimes, cadenceShare } = numbers
  const [now, then] = [span, before].map((some) => medianOf(some.map(({ ms }) => ms)) ?? 0)
  if (now === undefined || then === undefined) return false
  if (now <= then * cadenceTimes && now * cadenceTimes >= then) return false
  const limit = limitOf(span, numbers)
  return span.filter(({ ms }) => ms <= limit).length >= cadenceShare * span.length
}
