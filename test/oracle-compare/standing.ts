import type { Measure } from './measure.ts'
import { type Column, columns, type Recording } from './recordings.ts'

/** Where ours stands in one column of one recording, of which it is not the best. */
export type Behind = {
  readonly column: Column
  readonly ours: string
  readonly best: string
  /** Who is. */
  readonly rules: readonly string[]
  /** The recording's own words; undefined where nobody has looked into it. */
  readonly reason: string | undefined
}

/** Every column in which another rule does better than the first one, which is ours. */
export function behindIn(measures: readonly Measure[], recording: Recording): readonly Behind[] {
  const [ours, ...others] = measures
  if (!ours) return []
  return columns.flatMap((column) => {
    const better = others.filter((other) => isBetter(column, other, ours))
    const best = better.reduce<Measure | undefined>(
      (so, one) => (so && !isBetter(column, one, so) ? so : one),
      undefined,
    )
    if (!best) return []
    return [
      {
        column,
        ours: cellOf(column, ours),
        best: cellOf(column, best),
        rules: better.filter((one) => !isBetter(column, best, one)).map(({ rule }) => rule),
        reason: recording.reasons[column],
      },
    ]
  })
}

/** Errors this near to each other are the same. */
const sameBps = 0.05

function isBetter(column: Column, one: Measure, other: Measure): boolean {
  switch (column) {
    case 'worst':
      return one.worst.bps < other.worst.bps - sameBps
    case 'wrong':
      return one.wrongMs < other.wrongMs
    case 'silent':
      return one.silentMs < other.silentMs
    case 'moves':
      return (
        one.moves.followed > other.moves.followed ||
        (one.moves.followed === other.moves.followed && one.moves.meanLagMs < other.moves.meanLagMs)
      )
  }
}

/** What the table shows of one rule in one column. */
export function cellOf(column: Column, { worst, wrongMs, silentMs, moves }: Measure): string {
  switch (column) {
    case 'worst':
      return worst.bps.toFixed(1)
    case 'wrong':
      return seconds(wrongMs)
    case 'silent':
      return seconds(silentMs)
    case 'moves':
      return `${moves.followed}/${moves.all} ${seconds(moves.meanLagMs)} s`
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toLocaleString('en-GB', { maximumFractionDigits: 1 })
}
