import type { Timestamp } from '../time.ts'
import type { WatchParameters } from './parameters.ts'
import { deviationOf, medianOf, normalDeviation, quantileOf } from './spread.ts'

/** From one step to the next. */
export type Interval = { readonly from: Timestamp; readonly ms: number }

/**
 * After how long without a step people are told, and somebody is woken: by the spread of what is usual, by what is usual at
 * this time of the week, and by a slower pace where the last steps may be one.
 */
export function lateAfter(
  {
    month,
    span,
    usual,
  }: {
    /** All of the month; of these all that have the pace of now; of these those that were no stalls. */
    readonly month: readonly Interval[]
    readonly span: readonly Interval[]
    readonly usual: readonly Interval[]
  },
  numbers: WatchParameters,
): { readonly warnMs: number; readonly pageMs: number } {
  const { medianMs, spreadMs } = measured(usual, numbers)
  const times = leastTimes(span, { usual, medianMs }, numbers)
  const always = Math.max(spreadMs, times * medianMs)
  const known = Math.max(always, times * numbers.hourShare * hourMs(usual, month.at(-1), numbers))
  const slower = slowerPaceMs(month, { medianMs, limitMs: always }, numbers)
  const warnMs = Math.max(known, numbers.lateTimes * slower)
  // Whoever is woken by what is usual is not left to sleep because it may have changed.
  return { warnMs, pageMs: Math.max(warnMs, numbers.latePageTimes * known) }
}

/** Without intervals that were stalls themselves: with each of them fewer would be seen, until none is. */
export function withoutStalls(
  all: readonly Interval[],
  numbers: WatchParameters,
): readonly Interval[] {
  // What is left out changes what is usual, and with it what is left out: twice is enough.
  const once = within(all, limitOf(all, numbers))
  return once.length === all.length ? once : within(all, limitOf(once, numbers))
}

/** What is longer than this is no usual interval of these. */
export function limitOf(intervals: readonly Interval[], numbers: WatchParameters): number {
  const { medianMs, spreadMs } = measured(intervals, numbers)
  return Math.max(spreadMs, numbers.lateTimes * medianMs)
}

function measured(intervals: readonly Interval[], { lateDeviations }: WatchParameters) {
  const all = intervals.map(({ ms }) => ms)
  const medianMs = medianOf(all) ?? 0
  return {
    medianMs,
    spreadMs: medianMs + lateDeviations * normalDeviation * deviationOf(all, medianMs),
  }
}

function within(all: readonly Interval[], limitMs: number): readonly Interval[] {
  return all.filter(({ ms }) => ms <= limitMs)
}

/** Where the longest of weeks was not much longer than the others, a smaller delay is one. */
function leastTimes(
  span: readonly Interval[],
  { usual, medianMs }: { readonly usual: readonly Interval[]; readonly medianMs: number },
  { lateTimes, lateLeastTimes, lateLongestTimes, lateKnownMs }: WatchParameters,
): number {
  const knownMs = span.reduce((sum, { ms }) => sum + ms, 0)
  if (knownMs < lateKnownMs || medianMs === 0) return lateTimes
  const longest = usual.reduce((most, { ms }) => Math.max(most, ms), 0)
  return Math.min(lateTimes, Math.max(lateLeastTimes, (lateLongestTimes * longest) / medianMs))
}

const weekMs = 7 * 24 * 60 * 60_000

/** How long one takes that begins about when the open one began: at night, and where a weekday has its own traffic. */
function hourMs(
  usual: readonly Interval[],
  last: Interval | undefined,
  { hourWindowMs, hourSamples, hourQuantile }: WatchParameters,
): number {
  const began = last ? last.from + last.ms : 0
  const alike = usual.filter(({ from }) => {
    const apart = (began - from) % weekMs
    return Math.min(apart, weekMs - apart) <= hourWindowMs
  })
  if (alike.length < hourSamples) return 0
  return (
    quantileOf(
      alike.map(({ ms }) => ms),
      hourQuantile,
    ) ?? 0
  )
}

/**
 * A slower pace that nobody can be sure of yet; 0 where nothing speaks for one. One interval that was too long may have been
 * a stall or the first of many: until a usual one comes, the next is not told of for being as long.
 */
function slowerPaceMs(
  month: readonly Interval[],
  { medianMs, limitMs }: { readonly medianMs: number; readonly limitMs: number },
  numbers: WatchParameters,
): number {
  const { shortBaselineSamples, unsureTimes, slowerSamples, cadenceTimes } = numbers
  const lately = month.slice(-shortBaselineSamples).map(({ ms }) => ms)
  const first = lately.findIndex((ms) => ms > limitMs)
  const unsure = first < 0 ? 0 : (quantileOf(lately.slice(first), 0.5) ?? 0)
  const several = quantileOf(lately.slice(-slowerSamples), 0.5) ?? 0
  const slower = Math.max(Math.min(unsure, unsureTimes * medianMs), several)
  return slower > cadenceTimes * medianMs ? slower : 0
}
