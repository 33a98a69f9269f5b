import { basename } from 'node:path'

import { type LoadedRecordings, loadRecordings } from '../../adapters/recordings/load-recordings.ts'
import type { RecordingInput } from '../../adapters/recordings/read-recording.ts'
import { ownListing, recordedListing } from '../../adapters/recordings/recorded-names.ts'
import {
  type ColumnMap,
  ColumnsError,
  parseColumns,
} from '../../adapters/recordings/recording-columns.ts'
import type { RecordingUsed } from '../../domain/backtest/backtest-result.ts'
import { instrumentName } from '../../domain/instrument.ts'
import { sourceKey } from '../../domain/memory-keys.ts'
import { gapsOf } from '../../domain/recorded/gaps.ts'
import { nameOf } from './build-setup.ts'

/** A recording as it is named on the command line: `file`, or `venue:BASE-QUOTE=file`. */
export function dataInput(text: string): Pick<RecordingInput, 'file' | 'source'> {
  const [, venue, symbol, file] =
    /^([a-z0-9-]+):([A-Z0-9]+-[A-Z0-9]+(?:-PERP)?)=(.+)$/.exec(text) ?? []
  if (venue === undefined || symbol === undefined || file === undefined) return { file: text }
  return { file, source: { venue, symbol } }
}

/** Columns as they are named on the command line: for the files of one venue, or for all others. */
export function columnsFor(
  all: readonly string[],
  data: readonly string[],
): (source: RecordingInput['source']) => ColumnMap | undefined {
  const venues = new Set(data.map((text) => dataInput(text).source?.venue))
  const byVenue = new Map<string, ColumnMap>()
  for (const text of all) {
    const [, venue = '', names = text] = /^([a-z0-9-]+):(?!=)(.+)$/.exec(text) ?? []
    if (byVenue.has(venue))
      throw new ColumnsError(text, `--columns are given twice for ${venue || 'all files'}`)
    if (venue !== '' && !venues.has(venue))
      throw new ColumnsError(text, `no file is given as ${venue}:BASE-QUOTE=file`)
    byVenue.set(venue, parseColumns(names))
  }
  return (source) => byVenue.get(source?.venue ?? '') ?? byVenue.get('')
}

/** Reads what the network has sources for, by the recorders’ usual names and by our own. */
export async function readData(of: {
  readonly data: readonly string[]
  readonly columns: readonly string[]
  readonly wanted: ReadonlySet<string>
  readonly notAfter: number
  readonly from: number | undefined
  readonly to: number | undefined
  readonly onProgress: (file: string, bytes: number) => void
}): Promise<LoadedRecordings> {
  const columnsOf = columnsFor(of.columns, of.data)
  const inputs = of.data.map((text): RecordingInput => {
    const input = dataInput(text)
    const columns = columnsOf(input.source)
    return {
      ...input,
      ...(columns && { columns }),
      notAfter: of.notAfter,
      onBytes: (bytes) => of.onProgress(input.file, bytes),
    }
  })
  const { from, to } = of
  return await loadRecordings(inputs, {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    listingOf: (venue, symbol) =>
      [recordedListing(venue, symbol), ownListing(venue, symbol)].find(
        (listing) => listing && of.wanted.has(nameOf(listing)),
      ),
  })
}

const mostGaps = 100

/** What the result says of the files: their names without folders, so that it does not matter where they lie. */
export function filesUsed({ series, files }: LoadedRecordings): readonly RecordingUsed[] {
  const gaps = series.map((one) => ({
    source: sourceKey(one.venue, instrumentName(one.instrument)),
    ...gapsOf(one, mostGaps),
  }))
  return files.map(({ file, rows, from, to, used, unused, crossed }) => {
    const own = gaps.filter(({ source }) => used.includes(source))
    const listed = own
      .flatMap(({ source, longest }) => longest.map((gap) => ({ source, ...gap })))
      .filter((gap) => gap.to >= from && gap.to <= to)
      .toSorted(
        (a, b) =>
          b.to - b.from - (a.to - a.from) || a.from - b.from || (a.source < b.source ? -1 : 1),
      )
      .slice(0, mostGaps)
      .toSorted((a, b) => a.from - b.from || (a.source < b.source ? -1 : 1))
    const all = own.reduce((sum, one) => sum + one.all, 0)
    return {
      file: basename(file),
      rows,
      from,
      to,
      unused,
      crossed,
      gaps: { all, by: all > listed.length ? 'longest' : 'all', listed },
    }
  })
}
