import type { Timestamp } from '../time.ts'
import type { WatchParameters } from './parameters.ts'

/** What is usual between two steps. */
export type Cadence = {
  readonly medianMs: number
  /** Median absolute deviation from it. */
  readonly madMs: number
  readonly samples: number
  /** `short`: it has changed lately, so that only the last day counts. */
  readonly of: 'month' | 'short'
  /** Of the whole month, where only the last day counts. */
  readonly beforeMs?: number
}

/**
 * What is usual, by steps in order of time; undefined where there are too few of them. Intervals that were stalls themselves
 * are left out: a mean and its deviation would grow with each stall until none is seen any more.
 */
export function cadenceOf(
  steps: readonly { readonly at: Timestamp }[],
  now: Timestamp,
  numbers: WatchParameters,
): Cadence | undefined {
  const intervals = intervalsOf(steps, now - numbers.baselineMs)
  const month = usual(
    intervals.map(({ ms }) => ms),
    numbers,
  )
  if (!month || month.samples < numbers.baselineSamples) return undefined
  const short = usual(latest(intervals, now, numbers), numbers, false)
  if (!short || !isOther(short.medianMs, month.medianMs, numbers)) return { ...month, of: 'month' }
  return { ...short, of: 'short', beforeMs: month.medianMs }
}

/** After how long without a step people are told. */
export function lateMs({ medianMs, madMs }: Cadence, numbers: WatchParameters): number {
  return limitOf(medianMs, madMs, numbers)
}

/** Of no number: undefined. Of an even number the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)] ?? 0
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? 0) + upper) / 2 : upper
}

/** How far values usually are from their median. */
export function deviationOf(values: readonly number[], median: number): number {
  return medianOf(values.map((value) => Math.abs(value - median))) ?? 0
}

/** Of a normal distribution one standard deviation is so many median absolute ones. */
export const normalDeviation = 1.4826

function limitOf(medianMs: number, madMs: number, numbers: WatchParameters): number {
  return Math.max(
    medianMs + numbers.lateDeviations * normalDeviation * madMs,
    numbers.lateTimes * medianMs,
  )
}

type Interval = { readonly ms: number; readonly endsAt: Timestamp }

function intervalsOf(
  steps: readonly { readonly at: Timestamp }[],
  since: number,
): readonly Interval[] {
  const recent = steps.filter(({ at }) => at >= since)
  return recent
    .slice(1)
    .map(({ at }, index) => ({ ms: at - (recent[index]?.at ?? at), endsAt: at }))
}

/** Of the last day, or of the fewest that a new cadence is believed by. */
function latest(
  intervals: readonly Interval[],
  now: Timestamp,
  numbers: WatchParameters,
): readonly number[] {
  const ofDay = intervals.filter(({ endsAt }) => endsAt >= now - numbers.shortBaselineMs)
  const some =
    ofDay.length >= numbers.shortBaselineSamples
      ? ofDay
      : intervals.slice(-numbers.shortBaselineSamples)
  return some.length < numbers.shortBaselineSamples ? [] : some.map(({ ms }) => ms)
}

function usual(all: readonly number[], numbers: WatchParameters, isMasked = true) {
  const first = measured(all)
  if (!first || !isMasked) return first
  // What is left out changes what is usual, and with it what is left out: twice is enough.
  const once = measured(within(all, first, numbers)) ?? first
  return measured(within(all, once, numbers)) ?? once
}

function within(
  all: readonly number[],
  { medianMs, madMs }: Pick<Cadence, 'medianMs' | 'madMs'>,
  numbers: WatchParameters,
): readonly number[] {
  const limit = limitOf(medianMs, madMs, numbers)
  return all.filter((ms) => ms <= limit)
}

function measured(values: readonly number[]) {
  const medianMs = medianOf(values)
  if (medianMs === undefined) return undefined
  return { medianMs, madMs: deviationOf(values, medianMs), samples: values.length }
}

function isOther(one: number, other: number, { cadenceTimes }: WatchParameters): boolean {
  return one > other * cadenceTimes || one * cadenceTimes < other
}
