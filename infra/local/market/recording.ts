import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** One line of a recording. Prices stay text: they are the venue's own digits. */
export type RecordedRow = {
  readonly place: Place
  /** When it could be known: the end of a bar, or the recorder's clock. */
  readonly knownAt: number
  /** The venue's time of it; the same as `knownAt` where it has none. */
  readonly venueTime: number
  readonly venue: string
  readonly symbol: string
  readonly price: string | undefined
  readonly bid: string | undefined
  readonly ask: string | undefined
  /** There was a trade: a price, and not the price of a bar without volume. */
  readonly traded: boolean
  /** Of a bar: the furthest that it traded; undefined where the recording does not say. */
  readonly low: string | undefined
  readonly high: string | undefined
  /** In the venue's own unit, of the bar or the trade; undefined where the recording does not say. */
  readonly volume: number | undefined
  /** A bar says all there was in its minute or hour; a tick only what changed. */
  readonly isBar: boolean
}

type Place = { readonly file: string; readonly line: number }

/** Reads a recording row by row, plain or gzipped. Whatever is wrong with it is a `RecordingError` that names file and line. */
export async function* readRecording(file: string): AsyncGenerator<RecordedRow> {
  let line = 0
  let columns: readonly string[] | undefined
  let latest = 0
  for await (const text of linesOf(file)) {
    line += 1
    if (text === '') continue
    if (!columns) {
      columns = headerOf(text, { file, line })
      continue
    }
    const row = rowOf(text.split(','), columns, { file, line })
    if (row.knownAt < latest)
      throw new RecordingError(row.place, `time goes back from ${latest} to ${row.knownAt}`)
    latest = row.knownAt
    yield row
  }
  if (!columns) throw new RecordingError({ file, line: 1 }, 'the file is empty')
}

/** Not readline: it does not pass on the errors of the stream it reads. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of textOf(file)) {
    const lines = (rest + String(chunk)).split(/\r?\n/)
    rest = lines.pop() ?? ''
    yield* lines
  }
  yield rest
}

function textOf(file: string): Readable {
  const source = createReadStream(file)
  if (!file.endsWith('.gz')) return source.setEncoding('utf8')
  const gunzip = createGunzip().setEncoding('utf8')
  // The reader of `gunzip` gets every error, also those of the file.
  pipeline(source, gunzip, () => undefined)
  return gunzip
}

const required = ['ts_ms', 'venue', 'symbol', 'price', 'bid', 'ask', 'volume']

function headerOf(text: string, place: Place): readonly string[] {
  const columns = text.split(',')
  const missing = required.filter((name) => !columns.includes(name))
  if (missing.length > 0)
    throw new RecordingError(place, `the header has no column ${missing.join(', ')}`)
  return columns
}

function rowOf(cells: readonly string[], columns: readonly string[], place: Place): RecordedRow {
  if (cells.length !== columns.length)
    throw new RecordingError(place, `has ${cells.length} values for ${columns.length} columns`)
  const cell = (name: string): string => cells[columns.indexOf(name)] ?? ''
  const stamp = timeIn(cell('ts_ms'), 'ts_ms', place)
  const knownAt = timeIn(cell('recv_ms'), 'recv_ms', place) ?? stamp
  if (knownAt === undefined) throw new RecordingError(place, 'has no time')
  const price = priceIn(cell('price'), 'price', place)
  const volume = cell('volume')
  const edge = (name: string) =>
    columns.includes(name) ? priceIn(cell(name), name, place) : undefined
  return {
    place,
    knownAt,
    venueTime: stamp ?? knownAt,
    venue: cell('venue'),
    symbol: cell('symbol'),
    price,
    bid: priceIn(cell('bid'), 'bid', place),
    ask: priceIn(cell('ask'), 'ask', place),
    traded: price !== undefined && (volume === '' || /[1-9]/.test(volume)),
    low: edge('low'),
    high: edge('high'),
    volume: volume === '' ? undefined : Number(volume),
    isBar: !columns.includes('side'),
  }
}

function timeIn(text: string, column: string, place: Place): number | undefined {
  if (text === '') return undefined
  // Thirteen digits are the years 2001 to 2286 in milliseconds; seconds and microseconds have others.
  if (!/^\d{13}$/.test(text))
    throw new RecordingError(place, `${column} is "${text}", not a time in unix milliseconds`)
  return Number(text)
}

function priceIn(text: string, column: string, place: Place): string | undefined {
  if (text === '') return undefined
  if (!/^\d+(\.\d+)?(e[+-]?\d{1,2})?$/i.test(text) || !/^[0.]*[1-9]/.test(text))
    throw new RecordingError(place, `${column} is "${text}", not a price above zero`)
  return text
}

/** A recording that cannot be played. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
  readonly file: string
  readonly line: number

  constructor({ file, line }: Place, reason: string) {
    super(`${file}, line ${line}: ${reason}`)
    this.file = file
    this.line = line
  }
}
