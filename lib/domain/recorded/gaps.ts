import type { QuoteSeries } from './quote-series.ts'

/** A pause in a recording that is longer than the series makes otherwise. */
export type Gap = {
  /** Of the row after it. */
  readonly line: number
  readonly from: number
  readonly to: number
}

/** Venues that send each change pause for seconds; a minute without any is a gap. */
const tickPauseMs = 60_000

/**
 * Where a series has no rows: between bars every pause longer than the shortest one, between ticks every one of more than a
 * minute. They are told and never filled; the longest first, at most `most`.
 */
export function gapsOf(
  series: QuoteSeries,
  most: number,
): { readonly all: number; readonly longest: readonly Gap[] } {
  const { knownAt, line, length } = series
  let usual = series.isBars ? Infinity : tickPauseMs
  if (series.isBars)
    for (let at = 1; at < length; at += 1) usual = Math.min(usual, pauseBefore(knownAt, at))
  let all = 0
  let gaps: Gap[] = []
  for (let at = 1; at < length; at += 1) {
    if (pauseBefore(knownAt, at) <= usual) continue
    all += 1
    gaps.push({ line: line[at] ?? 0, from: knownAt[at - 1] ?? 0, to: knownAt[at] ?? 0 })
    if (gaps.length > 4 * most + 64) gaps = longestOf(gaps, most)
  }
  return { all, longest: longestOf(gaps, most) }
}

function pauseBefore(knownAt: Float64Array, at: number): number {
  return (knownAt[at] ?? 0) - (knownAt[at - 1] ?? 0)
}

function longestOf(gaps: readonly Gap[], most: number): Gap[] {
  return gaps.toSorted((a, b) => b.to - b.from - (a.to - a.from) || a.from - b.from).slice(0, most)
}
