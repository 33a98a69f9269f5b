import { maxAheadMs } from '../../domain/quote-age.ts'
import type { Digits } from '../../domain/recorded/price-column.ts'
import { noPrice } from '../../domain/recorded/price-column.ts'
import { emptyRow, type SeriesRow } from '../../domain/recorded/quote-series.ts'
import { type Places, placesIn } from './header.ts'
import { readAmount, readPrice, readTime } from './parse-cells.ts'
import { readLines } from './read-lines.ts'
import { type ColumnMap, ownColumns, type TimeUnit } from './recording-columns.ts'
import { RecordingError, type RecordingProblem } from './recording-error.ts'

export type RecordingInput = {
  readonly file: string
  readonly columns?: ColumnMap
  /** Of every row, where the file is of one source alone. */
  readonly source?: { readonly venue: string; readonly symbol: string }
  /** No row can be known after it: our own clock. */
  readonly notAfter?: number
  /** Also reads how far each bar traded, and how much: numbers that few ask for. */
  readonly trades?: boolean
  readonly onBytes?: (read: number) => void
}

/** What becomes of a row: undefined where it is well, else what is wrong with it. The row is the same object each time. */
export type RowVisitor = (venue: string, symbol: string, row: SeriesRow) => string | undefined

/** Beyond that a file is of another kind, and a longer list tells nobody more. */
const mostProblems = 20

/**
 * Reads a recording row by row. Nothing is guessed and nothing is left out: whatever is wrong with it is told at the end, all
 * of it with file and line, as one `RecordingError`.
 */
export async function readRecording(input: RecordingInput, visit: RowVisitor): Promise<void> {
  const { file, columns: map = ownColumns } = input
  const problems: RecordingProblem[] = []
  let line = 0
  let places: Places | undefined
  let isRefused = false
  let all = 0
  const tell = (text: string): void => {
    all += 1
    if (problems.length < mostProblems) problems.push({ file, line, text })
  }
  const row = emptyRow()
  const rows = openRows(input, map, row)

  function take(buffer: Buffer, start: number, end: number): void {
    line += 1
    if (start === end || isRefused) return
    let from = start
    if (!places) {
      from += markLength(buffer, start, end)
      const firstLine = buffer.toString('utf8', from, end)
      const found = firstLine.includes('\0')
        ? ['is not UTF-8: it has bytes of zero, as UTF-16 has; save it as UTF-8']
        : placesIn(firstLine, map, input.source !== undefined)
      isRefused = Array.isArray(found)
      if ('count' in found) places = found
      else for (const text of found) tell(text)
      if (!places || !map.isByPlace) return
    }
    row.line = line
    const wrong = rows.read(buffer, { start: from, end, places })
    const told = wrong ?? visit(rows.names.venue, rows.names.symbol, row)
    if (told !== undefined) tell(told)
  }

  try {
    await readLines(file, take, input.onBytes)
  } catch (cause) {
    const damage = damageOf(cause)
    if (damage === undefined) throw cause
    line = Math.max(1, line)
    tell(damage)
    throw new RecordingError(problems, { cause, hasMore: all > problems.length })
  }
  if (line === 0 || (!places && !isRefused)) {
    line = 1
    tell('the file is empty')
  }
  if (all > 0) throw new RecordingError(problems, { hasMore: all > problems.length })
}

/** Some programs begin each file in UTF-8 with a byte order mark, which says nothing else. */
function markLength(buffer: Buffer, start: number, end: number): number {
  const mark = [0xef, 0xbb, 0xbf]
  return start + 3 <= end && mark.every((byte, at) => buffer[start + at] === byte) ? mark.length : 0
}

/** Undefined where the file itself cannot be opened: that is no recording at all. */
function damageOf(cause: unknown): string | undefined {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const said = cause instanceof Error ? cause.message : ''
  if (code === 'Z_BUF_ERROR') return `the gzip is cut off after this line (${said})`
  if (code.startsWith('Z_')) return `the gzip is damaged after this line (${said})`
  return undefined
}

type Line = { readonly start: number; readonly end: number; readonly places: Places }

/** Takes lines apart into `row`, cell by cell where they stand. */
function openRows(
  { source, notAfter = Infinity, trades = false }: RecordingInput,
  map: ColumnMap,
  row: SeriesRow,
) {
  const mostColumns = 256
  const starts = new Int32Array(mostColumns)
  const ends = new Int32Array(mostColumns)
  const names = {
    venue: source?.venue ?? map.venue ?? '',
    symbol: source?.symbol ?? map.symbol ?? '',
  }
  const venues = openWords()
  const symbols = openWords()

  const text = (buffer: Buffer, at: number): string =>
    buffer.toString('utf8', starts[at] ?? 0, ends[at] ?? 0)

  function cut(buffer: Buffer, start: number, end: number): number {
    let count = 0
    let from = start
    for (let at = start; at < end; at += 1) {
      if (buffer[at] !== comma) continue
      if (count < mostColumns) {
        starts[count] = from
        ends[count] = at
      }
      count += 1
      from = at + 1
    }
    if (count < mostColumns) {
      starts[count] = from
      ends[count] = end
    }
    return count + 1
  }

  /** NaN where the cell is empty; undefined where it is no time. */
  function time(buffer: Buffer, at: number, unit: TimeUnit): number | undefined {
    if (at < 0) return Number.NaN
    const [start, end] = [starts[at] ?? 0, ends[at] ?? 0]
    return start === end ? Number.NaN : readTime(buffer, { start, end, unit })
  }

  function price(buffer: Buffer, at: number, into: Digits): boolean {
    if (at < 0) {
      into.decimals = noPrice
      return true
    }
    return readPrice(buffer, starts[at] ?? 0, ends[at] ?? 0, into)
  }

  const noPriceIn = (buffer: Buffer, column: string | undefined, at: number): string =>
    `${column} is "${text(buffer, at)}", not a price above zero`

  function times(buffer: Buffer, places: Places): string | undefined {
    const stamp = time(buffer, places.time, map.timeUnit)
    const seen = time(buffer, places.recv, map.recvUnit)
    if (stamp === undefined)
      return noTimeIn(map.names.time, text(buffer, places.time), map.timeUnit)
    if (seen === undefined) return noTimeIn(map.names.recv, text(buffer, places.recv), map.recvUnit)
    const venueTime = stamp + map.barMs
    const knownAt = Number.isNaN(seen) ? venueTime : seen
    if (Number.isNaN(knownAt)) return 'has no time'
    if (knownAt > notAfter)
      return `is of the future: it is known from ${iso(knownAt)} on, and now it is ${iso(notAfter)}`
    if (venueTime > knownAt + maxAheadMs)
      return `is of the future: the venue’s time ${iso(venueTime)} is ${(venueTime - knownAt) / 1000} s after it was received`
    row.knownAt = knownAt
    row.venueTime = Number.isNaN(venueTime) ? knownAt : venueTime
    return undefined
  }

  function amounts(buffer: Buffer, places: Places): string | undefined {
    const volume =
      places.volume < 0
        ? 'none'
        : readAmount(buffer, starts[places.volume] ?? 0, ends[places.volume] ?? 0)
    if (volume === 'bad')
      return `${map.names.volume} is "${text(buffer, places.volume)}", not an amount from zero on`
    row.traded = row.price.decimals !== noPrice && volume !== 'zero'
    for (const role of ['open', 'high', 'low'] as const) {
      const at = places[role]
      if (at < 0) continue
      const kind = readAmount(buffer, starts[at] ?? 0, ends[at] ?? 0)
      if (kind === 'bad' || kind === 'zero') return noPriceIn(buffer, map.names[role], at)
    }
    if (!trades) return undefined
    const float = (at: number): number =>
      at < 0 || starts[at] === ends[at] ? Number.NaN : Number(text(buffer, at))
    row.volume = volume === 'some' ? float(places.volume) : 0
    row.low = float(places.low)
    row.high = float(places.high)
    return undefined
  }

  function side(buffer: Buffer, { side: at }: Places): string | undefined {
    row.isBar = at < 0 && !map.isTicks
    if (at < 0 || starts[at] === ends[at]) return undefined
    const word = text(buffer, at)
    return /^(buy|sell)$/i.test(word)
      ? undefined
      : `${map.names.side} is "${word}", neither buy nor sell nor empty`
  }

  function read(buffer: Buffer, { start, end, places }: Line): string | undefined {
    const count = cut(buffer, start, end)
    if (count !== places.count) return `has ${count} values for ${places.count} columns`
    const wrongTime = times(buffer, places)
    if (wrongTime !== undefined) return wrongTime
    if (places.venue >= 0) {
      const at = places.venue
      const { text: name, isOdd } = venues.at(buffer, starts[at] ?? 0, ends[at] ?? 0)
      if (isOdd) return `${map.names.venue} is "${name}", ${notPlain}`
      names.venue = name
    }
    if (places.symbol >= 0) {
      const at = places.symbol
      const { text: name, isOdd } = symbols.at(buffer, starts[at] ?? 0, ends[at] ?? 0)
      if (isOdd) return `${map.names.symbol} is "${name}", ${notPlain}`
      names.symbol = name
    }
    if (names.venue === '') return 'has no venue'
    if (names.symbol === '') return 'has no symbol'
    if (!price(buffer, places.price, row.price))
      return noPriceIn(buffer, map.names.price, places.price)
    if (!price(buffer, places.bid, row.bid)) return noPriceIn(buffer, map.names.bid, places.bid)
    if (!price(buffer, places.ask, row.ask)) return noPriceIn(buffer, map.names.ask, places.ask)
    if (isNothing(row)) return 'has no price, and no bid or ask'
    return amounts(buffer, places) ?? side(buffer, places)
  }

  return { names, read }
}

const comma = 44

function isNothing({ price, bid, ask }: SeriesRow): boolean {
  return price.decimals === noPrice && bid.decimals === noPrice && ask.decimals === noPrice
}

const notPlain = 'not a plain name: cells are UTF-8, without quotes and without spaces around them'

/** What no source is called: taken as it stands, such a row would be of a source that nobody asks for, and be lost. */
function isOddName(name: string): boolean {
  return name.includes('"') || name.includes('\uFFFD') || name !== name.trim()
}

function noTimeIn(column: string | undefined, text: string, unit: TimeUnit): string {
  const expected = {
    ms: 'a time in unix milliseconds',
    s: 'a time in whole unix seconds',
    us: 'a time in unix microseconds',
    ns: 'a time in unix nanoseconds',
    iso: 'a time in UTC such as 2023-03-11T00:00:00Z',
  }
  return `${column} is "${text}", not ${expected[unit]}`
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

type Word = { readonly text: string; readonly isOdd: boolean }

/** The same few words again and again: each is made of its bytes once. */
function openWords(): { readonly at: (buffer: Buffer, start: number, end: number) => Word } {
  const known: (Word & { readonly bytes: Buffer })[] = []
  let next = 0
  const isAt = (which: number, buffer: Buffer, start: number, end: number): boolean => {
    const bytes = known[which]?.bytes
    if (!bytes || bytes.length !== end - start) return false
    for (let at = 0; at < bytes.length; at += 1) if (bytes[at] !== buffer[start + at]) return false
    return true
  }
  return {
    at(buffer, start, end) {
      // Rows of one time come in the same order each time.
      for (let tried = 0; tried < known.length; tried += 1) {
        const which = next + tried < known.length ? next + tried : next + tried - known.length
        const word = known[which]
        if (!word || !isAt(which, buffer, start, end)) continue
        next = which + 1 < known.length ? which + 1 : 0
        return word
      }
      const bytes = Buffer.from(buffer.subarray(start, end))
      const text = bytes.toString('utf8')
      const word = { bytes, text, isOdd: isOddName(text) }
      known.push(word)
      next = 0
      return word
    },
  }
}
