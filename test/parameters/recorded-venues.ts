import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { loadRecordings } from '../../lib/adapters/recordings/load-recordings.ts'
import { type Listing, recordedListing } from '../../lib/adapters/recordings/recorded-names.ts'
import { type Instrument, instrumentName } from '../../lib/domain/instrument.ts'
import type { Quote } from '../../lib/domain/quote.ts'
import { decimalAt } from '../../lib/domain/recorded/price-column.ts'
import { newestAt, type QuoteSeries } from '../../lib/domain/recorded/quote-series.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type { Clock, QuoteSource } from '../../lib/ports.ts'

/** Where recordings are, beside the project. */
const folder = new URL('../../../shared/data/prices/', import.meta.url)

/** How a recording is played. */
export type Play = {
  /** Its name in the folder. */
  readonly file: string
  /** The recorded time that is shown at the first moment of the play, in unix milliseconds. */
  readonly from: number
  readonly to: number
  /** Recorded milliseconds in one of the play. */
  readonly speed: number
}

export function isRecorded(file: string): boolean {
  return existsSync(new URL(file, folder))
}

/** What real venues showed, at the time of a clock that stands at the recording's own time when the play begins. */
export async function recordedVenues(
  { file, from, to, speed }: Play,
  clock: Clock,
): Promise<QuoteSource> {
  const series = await recordedSeries(file, from, to)
  const bySource = new Map(series.map((one) => [keyOf(one.venue, one.instrument), one]))
  return {
    latest: async (wanted) => ({
      failures: [],
      quotes: wanted.flatMap(({ venue, instrument }) => {
        const one = bySource.get(keyOf(venue, instrument))
        const now = clock.now()
        return one ? quoteOf(one, { recorded: from + (now - from) * speed, from, speed, now }) : []
      }),
    }),
  }
}

const read = new Map<string, Promise<readonly QuoteSeries[]>>()

/** Many scenes are played on one recording, and none changes it: it is read once. */
async function recordedSeries(
  file: string,
  from: number,
  to: number,
): Promise<readonly QuoteSeries[]> {
  const key = `${file} ${from} ${to}`
  const before = read.get(key)
  if (before) return await before
  const path = fileURLToPath(new URL(file, folder))
  const loading = loadRecordings([{ file: path }], { from, to, listingOf })
  const series = loading.then((loaded) => loaded.series)
  read.set(key, series)
  return await series
}

/** BitMEX has no simulated venue, and its perpetual is counted as a market in dollars: it is settled in bitcoin. */
function listingOf(venue: string, symbol: string): Listing | undefined {
  return venue === 'bitmex'
    ? { venue, instrument: { base: 'BTC', quote: 'USD', kind: 'spot' } }
    : recordedListing(venue, symbol)
}

function quoteOf(
  series: QuoteSeries,
  {
    recorded,
    from,
    speed,
    now,
  }: {
    readonly recorded: number
    readonly from: number
    readonly speed: number
    readonly now: number
  },
): readonly Quote[] {
  const index = newestAt(series, recorded)
  const quoteAt = series.quoteAt[index]
  if (quoteAt === undefined) return []
  return [
    {
      venue: series.venue,
      instrument: instrumentName(series.instrument),
      bid: decimalAt(series.bid, index),
      ask: decimalAt(series.ask, index),
      last: decimalAt(series.last, index),
      timeKind: 'quote',
      venueTime: timestamp(Math.max(0, Math.floor(from + (quoteAt - from) / speed))),
      receivedAt: timestamp(now),
      answeredAt: undefined,
      suspended: false,
    },
  ]
}

function keyOf(venue: string, instrument: Instrument): string {
  return `${venue}:${instrumentName(instrument)}`
}
