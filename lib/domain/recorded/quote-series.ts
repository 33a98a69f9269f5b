import type { Instrument } from '../instrument.ts'
import {
  copyDigits,
  type Digits,
  floatAt,
  growPriceColumn,
  hasPrice,
  noDigits,
  noPrice,
  openPriceColumn,
  type PriceColumn,
  setDigits,
} from './price-column.ts'
import { tupleHash } from './tuple-hash.ts'

/** All that one venue showed of one instrument, state by state, in the order in which it could be known. Columns, not objects. */
export type QuoteSeries = {
  readonly venue: string
  readonly instrument: Instrument
  /** How many states; the columns are longer. */
  length: number
  /** When a state could be known: the end of a bar, or the recorder's clock. */
  knownAt: Float64Array
  /** Of the file. */
  line: Uint32Array
  /** By the venue's clock: of the quote, and of the last trade. */
  quoteAt: Float64Array
  tradeAt: Float64Array
  readonly bid: PriceColumn
  readonly ask: PriceColumn
  readonly last: PriceColumn
  /** The number behind `fingerprint` of (bid, ask, last). */
  tuple: Uint32Array
  /** There was a trade in it: a price, and not that of a bar without volume. */
  traded: Uint8Array
  /** `quote` where the venue has a clock of its own, or its rows are bars; else `none`. A reader never says `trade`. */
  timeKind: 'quote' | 'trade' | 'none'
  /** Rows say all there was in their minute or hour; ticks only what changed. */
  isBars: boolean
  /** Kept only where somebody asks for them: the furthest that it traded, and how much. Floats. */
  readonly trades: Trades | undefined
}

type Trades = { low: Float64Array; high: Float64Array; volume: Float64Array }

/** One row as a reader has it; the same object again and again. */
export type SeriesRow = {
  line: number
  knownAt: number
  venueTime: number
  readonly price: Digits
  readonly bid: Digits
  readonly ask: Digits
  traded: boolean
  isBar: boolean
  low: number
  high: number
  volume: number
}

export function emptyRow(): SeriesRow {
  return {
    line: 0,
    knownAt: 0,
    venueTime: 0,
    price: noDigits(),
    bid: noDigits(),
    ask: noDigits(),
    traded: false,
    isBar: true,
    low: Number.NaN,
    high: Number.NaN,
    volume: 0,
  }
}

const firstCapacity = 256

export function openSeries(
  of: Pick<QuoteSeries, 'venue' | 'instrument'>,
  keep: { readonly trades?: boolean } = {},
): QuoteSeries {
  const floats = (): Float64Array => new Float64Array(firstCapacity)
  return {
    ...of,
    length: 0,
    knownAt: floats(),
    line: new Uint32Array(firstCapacity),
    quoteAt: floats(),
    tradeAt: floats(),
    bid: openPriceColumn(firstCapacity),
    ask: openPriceColumn(firstCapacity),
    last: openPriceColumn(firstCapacity),
    tuple: new Uint32Array(firstCapacity),
    traded: new Uint8Array(firstCapacity),
    timeKind: 'none',
    isBars: true,
    trades: keep.trades ? { low: floats(), high: floats(), volume: floats() } : undefined,
  }
}

/**
 * Adds what the venue showed once `row` was known. A bar without bid and ask gives its close on both sides: nothing is
 * invented, and a spread of zero is what such a recording knows of the spread.
 */
export function appendRow(series: QuoteSeries, row: SeriesRow): void {
  const at = series.length
  if (at === series.knownAt.length) grow(series)
  const before = at - 1
  const { bid, ask, last } = series
  series.knownAt[at] = row.knownAt
  series.line[at] = row.line
  const isQuoted = isThere(row.bid) || isThere(row.ask)
  // A tick that is a trade says nothing new of the book.
  const keepsBook = !row.isBar && !isQuoted && before >= 0
  series.quoteAt[at] = keepsBook ? (series.quoteAt[before] ?? row.venueTime) : row.venueTime
  series.tradeAt[at] =
    row.traded || before < 0 ? row.venueTime : (series.tradeAt[before] ?? row.venueTime)
  if (keepsBook) {
    copyDigits(bid, before, at)
    copyDigits(ask, before, at)
  } else if (isQuoted || row.isBar) {
    setDigits(bid, at, isQuoted ? row.bid : row.price)
    setDigits(ask, at, isQuoted ? row.ask : row.price)
  }
  if (isThere(row.price)) setDigits(last, at, row.price)
  else if (before >= 0) copyDigits(last, before, at)
  series.tuple[at] = tupleHash(bid, ask, last, at)
  series.traded[at] = row.traded ? 1 : 0
  if (series.timeKind === 'none' && (row.isBar || row.venueTime !== row.knownAt))
    series.timeKind = 'quote'
  series.isBars &&= row.isBar
  if (series.trades) {
    // A tick's trade is all there was.
    series.trades.low[at] = Number.isNaN(row.low) ? floatAt(last, at) : row.low
    series.trades.high[at] = Number.isNaN(row.high) ? floatAt(last, at) : row.high
    series.trades.volume[at] = row.volume
  }
  series.length = at + 1
}

/** Forgets all but the newest state: what was known when the play begins. */
export function keepNewest(series: QuoteSeries): void {
  const newest = series.length - 1
  if (newest <= 0) return
  const { trades } = series
  for (const column of [
    series.knownAt,
    series.line,
    series.quoteAt,
    series.tradeAt,
    series.tuple,
    series.traded,
    ...(trades ? [trades.low, trades.high, trades.volume] : []),
  ])
    column[0] = column[newest] ?? 0
  for (const column of [series.bid, series.ask, series.last]) {
    column.decimals[0] = noPrice
    copyDigits(column, newest, 0)
    column.decimals.fill(noPrice, 1, newest + 1)
  }
  series.length = 1
}

/** The newest state known at `time`; -1 where there is none yet. */
export function newestAt({ knownAt, length }: QuoteSeries, time: number): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((knownAt[middle] ?? Infinity) <= time) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** Whether the venue said anything of the market in a state: bars in which nothing traded say nothing. */
export function hasTraded({ traded, last }: QuoteSeries, at: number): boolean {
  return traded[at] === 1 && hasPrice(last, at)
}

function isThere({ decimals }: Digits): boolean {
  return decimals !== noPrice
}

function grow(series: QuoteSeries): void {
  const capacity = series.knownAt.length * 2
  series.knownAt = longer(series.knownAt, capacity)
  series.quoteAt = longer(series.quoteAt, capacity)
  series.tradeAt = longer(series.tradeAt, capacity)
  series.line = longerWords(series.line, capacity)
  series.tuple = longerWords(series.tuple, capacity)
  const traded = new Uint8Array(capacity)
  traded.set(series.traded)
  series.traded = traded
  for (const column of [series.bid, series.ask, series.last]) growPriceColumn(column, capacity)
  const { trades } = series
  if (!trades) return
  trades.low = longer(trades.low, capacity)
  trades.high = longer(trades.high, capacity)
  trades.volume = longer(trades.volume, capacity)
}

function longer(column: Float64Array, capacity: number): Float64Array {
  const next = new Float64Array(capacity)
  next.set(column)
  return next
}

function longerWords(column: Uint32Array, capacity: number): Uint32Array {
  const next = new Uint32Array(capacity)
  next.set(column)
  return next
}
