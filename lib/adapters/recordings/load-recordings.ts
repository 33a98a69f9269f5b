import { instrumentName } from '../../domain/instrument.ts'
import { sourceKey } from '../../domain/memory-keys.ts'
import { isHigher } from '../../domain/recorded/price-column.ts'
import {
  appendRow,
  keepNewest,
  openSeries,
  type QuoteSeries,
  type SeriesRow,
} from '../../domain/recorded/quote-series.ts'
import { readRecording, type RecordingInput } from './read-recording.ts'
import { type Listing, recordedListing } from './recorded-names.ts'
import { RecordingError } from './recording-error.ts'

export type LoadOptions = {
  /** Of what was known by then only the newest is kept. */
  readonly from?: number
  /** What was known later is left out. */
  readonly to?: number
  readonly trades?: boolean
  /** What a recorder's venue and symbol mean; undefined where nobody asks for it. By the recorders' usual names where absent. */
  readonly listingOf?: (venue: string, symbol: string) => Listing | undefined
}

export type LoadedFile = {
  readonly file: string
  readonly rows: number
  /** The first and the last time at which a row could be known. */
  readonly from: number
  readonly to: number
  /** `venue instrument` of what is kept of it. */
  readonly used: readonly string[]
  /** `venue symbol` of what nobody asks for, such as inverse contracts. */
  readonly unused: readonly string[]
  readonly crossed: CrossedRows
}

/** Rows of what is kept whose bid is above their ask: such a quote is no price, as live. */
export type CrossedRows = {
  readonly all: number
  /** The first ones. */
  readonly lines: readonly number[]
}

const mostLines = 10

export type LoadedRecordings = {
  /** In the order in which they appear. */
  readonly series: readonly QuoteSeries[]
  readonly files: readonly LoadedFile[]
}

type Kept = {
  readonly source: string
  /** `venue instrument`. */
  readonly name: string
  /** Undefined where nobody asks for it. */
  readonly series: QuoteSeries | undefined
}

/** Reads recordings into columns, all files together: the same market in several files goes on from one to the next. */
export async function loadRecordings(
  inputs: readonly RecordingInput[],
  options: LoadOptions = {},
): Promise<LoadedRecordings> {
  const bySource = new Map<string, Kept>()
  const byListing = new Map<string, Kept & { readonly series: QuoteSeries }>()
  const files: LoadedFile[] = []
  const wrong: RecordingError[] = []
  const { listingOf = recordedListing } = options

  function keptFor(venue: string, symbol: string): Kept | string {
    const source = `${venue} ${symbol}`
    const known = bySource.get(source)
    if (known) return known
    const listing = listingOf(venue, symbol)
    if (!listing) {
      const kept = { source, name: source, series: undefined }
      bySource.set(source, kept)
      return kept
    }
    const key = `${listing.venue}:${instrumentName(listing.instrument)}`
    const before = byListing.get(key)
    if (before) return `${source} is the same market as ${before.source}`
    const series = openSeries(listing, { trades: options.trades ?? false })
    const kept = {
      source,
      name: sourceKey(listing.venue, instrumentName(listing.instrument)),
      series,
    }
    byListing.set(key, kept)
    bySource.set(source, kept)
    return kept
  }

  for (const input of inputs) {
    const [used, unused] = [new Set<string>(), new Set<string>()]
    let [rows, from, to, crossed] = [0, Infinity, -Infinity, 0]
    const lines: number[] = []
    const take = (venue: string, symbol: string, row: SeriesRow): string | undefined => {
      const kept = keptFor(venue, symbol)
      if (typeof kept === 'string') return kept
      rows += 1
      from = Math.min(from, row.knownAt)
      to = Math.max(to, row.knownAt)
      if (!kept.series) {
        unused.add(kept.source)
        return undefined
      }
      const disorder = disorderOf(kept.series, row, kept.source)
      if (disorder !== undefined) return disorder
      if (row.knownAt > (options.to ?? Infinity)) return undefined
      used.add(kept.name)
      if (isHigher(row.bid, row.ask)) {
        crossed += 1
        if (lines.length < mostLines) lines.push(row.line)
      }
      appendRow(kept.series, row)
      if (row.knownAt <= (options.from ?? -Infinity)) keepNewest(kept.series)
      return undefined
    }
    try {
      await readRecording({ ...input, trades: options.trades ?? false }, take)
    } catch (error) {
      if (!(error instanceof RecordingError)) throw error
      wrong.push(error)
    }
    files.push({
      file: input.file,
      rows,
      from,
      to,
      used: [...used],
      unused: [...unused],
      crossed: { all: crossed, lines },
    })
  }
  const [first, ...others] = wrong
  if (first && others.length === 0) throw first
  if (first)
    throw new RecordingError(
      wrong.flatMap(({ problems }) => problems),
      { hasMore: wrong.some(({ hasMore }) => hasMore) },
    )
  return { series: [...byListing.values()].map(({ series }) => series), files }
}

/** What is wrong with a row after the one before it; undefined where nothing is. */
function disorderOf(series: QuoteSeries, row: SeriesRow, source: string): string | undefined {
  const before = series.length - 1
  if (before < 0) return undefined
  const last = series.knownAt[before] ?? 0
  if (row.knownAt < last) return `time goes back from ${last} to ${row.knownAt} for ${source}`
  if (row.isBar && series.isBars && row.knownAt === last)
    return `is a second bar of ${source} at ${row.knownAt}; the first is in line ${series.line[before]} (trades have a side, or rows:=ticks in --columns)`
  return undefined
}
