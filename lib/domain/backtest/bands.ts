import type { Axis, Band } from './backtest-result.ts'

/** A course in buckets, as it is filled: of each the lowest, the highest and the last value. NaN where there is none. */
export type BandState = {
  readonly low: Float64Array
  readonly high: Float64Array
  readonly last: Float64Array
}

/** Enough for any screen; a run of fewer rounds keeps each. */
export const mostBuckets = 2_000

/** How long a bucket is: whole rounds, as few as fit. */
export function bucketMsOf(of: {
  readonly from: number
  readonly to: number
  readonly everyMs: number
}): number {
  const rounds = Math.floor((of.to - of.from) / of.everyMs) + 1
  return of.everyMs * Math.ceil(rounds / mostBuckets)
}

export function bucketCount(of: {
  readonly from: number
  readonly to: number
  readonly everyMs: number
}): number {
  return Math.floor((of.to - of.from) / bucketMsOf(of)) + 1
}

export function openBand(buckets: number): BandState {
  const empty = (): Float64Array => new Float64Array(buckets).fill(Number.NaN)
  return { low: empty(), high: empty(), last: empty() }
}

/** Adds a value to a bucket; what is no number is none. */
export function addTo({ low, high, last }: BandState, bucket: number, value: number): void {
  if (Number.isNaN(value)) return
  last[bucket] = value
  if (!((low[bucket] ?? Number.NaN) <= value)) low[bucket] = value
  if (!((high[bucket] ?? Number.NaN) >= value)) high[bucket] = value
}

/** Without the buckets in which there was no round. */
export function bandOf({ low, high, last }: BandState, seen: Uint8Array): Band {
  const column = (values: Float64Array): readonly (number | null)[] =>
    [...values].filter((_, bucket) => seen[bucket] === 1).map(shortNumber)
  return { low: column(low), high: column(high), last: column(last) }
}

/** Each bucket's end: that of its last round. */
export function axisOf(
  seen: Uint8Array,
  of: { readonly from: number; readonly to: number; readonly everyMs: number },
): Axis {
  const bucketMs = bucketMsOf(of)
  const at = [...seen].flatMap((has, bucket) =>
    has === 1 ? [Math.min(of.to, of.from + (bucket + 1) * bucketMs - of.everyMs)] : [],
  )
  return { bucketMs, at }
}

/** Nine digits are more than any screen shows, and half as long as a double. */
function shortNumber(value: number): number | null {
  return Number.isNaN(value) ? null : Number(value.toPrecision(9))
}
