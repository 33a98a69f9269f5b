import type { RecordedRow } from './recording.ts'

/** All that one venue showed of one instrument, state by state. Columns instead of objects: a recording has a million rows. */
export type Series = {
  readonly knownAt: number[]
  readonly quoteAt: number[]
  readonly tradeAt: number[]
  readonly bid: (string | undefined)[]
  readonly ask: (string | undefined)[]
  readonly last: (string | undefined)[]
}

export function emptySeries(): Series {
  return { knownAt: [], quoteAt: [], tradeAt: [], bid: [], ask: [], last: [] }
}

/**
 * Adds what the venue showed once `row` was known. A bar without bid and ask gives its close on both
 * sides: nothing is invented, and a spread of zero is what such a recording knows of the spread.
 */
export function append(series: Series, row: RecordedRow): void {
  const before = series.knownAt.length - 1
  const quoted = row.bid !== undefined || row.ask !== undefined
  // A tick that is a trade says nothing new of the book.
  const keepsBook = !row.isBar && !quoted && before >= 0
  series.knownAt.push(row.knownAt)
  series.quoteAt.push(keepsBook ? (series.quoteAt[before] ?? row.venueTime) : row.venueTime)
  series.tradeAt.push(row.traded ? row.venueTime : (series.tradeAt[before] ?? row.venueTime))
  series.bid.push(keepsBook ? series.bid[before] : sideOf(row, row.bid))
  series.ask.push(keepsBook ? series.ask[before] : sideOf(row, row.ask))
  series.last.push(row.price ?? series.last[before])
}

function sideOf(row: RecordedRow, side: string | undefined): string | undefined {
  const hasSide = row.bid !== undefined || row.ask !== undefined
  if (hasSide) return side
  return row.isBar ? row.price : undefined
}

/** Forgets all but the newest state: what was known when the play begins. */
export function keepNewest(series: Series): void {
  for (const column of [series.knownAt, series.quoteAt, series.tradeAt])
    column.splice(0, column.length - 1)
  for (const column of [series.bid, series.ask, series.last]) column.splice(0, column.length - 1)
}

/** The newest state known at `time`; -1 where there is none yet. */
export function newestAt({ knownAt }: Series, time: number): number {
  let low = 0
  let high = knownAt.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((knownAt[middle] ?? Infinity) <= time) low = middle + 1
    else high = middle
  }
  return low - 1
}
