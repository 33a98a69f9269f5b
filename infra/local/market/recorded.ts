import { Decimal } from '../../../lib/domain/decimal.ts'
import { instrumentName } from '../../../lib/domain/instrument.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { Timestamp } from '../../../lib/domain/time.ts'
import type { Listing, MarketModel, VenueQuote } from './market.ts'
import { recordedListing } from './recorded-names.ts'
import { append, emptySeries, keepNewest, newestAt } from './recorded-series.ts'
import type { Series } from './recorded-series.ts'
import { readRecording, RecordingError } from './recording.ts'

/** A recording that plays as if it were now. */
export type RecordedMarket = MarketModel & {
  /** The wall time from which on nothing changes any more. */
  readonly endsAt: Timestamp
  /** `venue symbol` of what the file has and no simulated venue trades, such as inverse contracts. */
  readonly ignored: readonly string[]
}

export type RecordedMarketOptions = {
  readonly file: string
  /** The recorded moment that is shown at `startedAt`: ISO 8601 or unix milliseconds. The file's first where absent. */
  readonly from?: string | number
  /** Recorded milliseconds per millisecond of wall time. */
  readonly speed: number
  readonly startedAt: Timestamp
}

/**
 * Plays a recording. At wall time t the venues show what could be known at from + (t - startedAt) × speed,
 * and every time they show is mapped back the same way: a minute between two rows becomes a second at
 * speed 60, and a gap in the recording ages as a gap. After the last row the market stands still.
 */
export async function recordedMarket(options: RecordedMarketOptions): Promise<RecordedMarket> {
  if (!(options.speed > 0 && Number.isFinite(options.speed)))
    throw new RangeError(`a recording cannot play at speed ${options.speed}`)
  const loaded = await load(options.file, fromOf(options.from))
  const { startedAt, speed } = options
  const { from } = loaded
  const wallTime = (recorded: number): Timestamp =>
    timestamp(Math.max(0, startedAt + Math.floor((recorded - from) / speed)))

  return {
    quote(venue, instrument, at) {
      const series = loaded.series.get(keyOf({ venue, instrument }))?.series
      return series && stateOf(series, newestAt(series, from + (at - startedAt) * speed), wallTime)
    },
    covers: () => [...loaded.series.values()].map(({ listing }) => listing),
    endsAt: timestamp(startedAt + Math.max(0, Math.ceil((loaded.lastAt - from) / speed))),
    ignored: [...loaded.ignored],
  }
}

type Loaded = {
  readonly from: number
  readonly lastAt: number
  readonly series: ReadonlyMap<string, Recorded>
  readonly ignored: ReadonlySet<string>
}

type Recorded = { readonly listing: Listing; readonly source: string; readonly series: Series }

async function load(file: string, wanted: number | undefined): Promise<Loaded> {
  const series = new Map<string, Recorded>()
  const ignored = new Set<string>()
  let from = wanted
  let lastAt = 0
  for await (const row of readRecording(file)) {
    const source = `${row.venue} ${row.symbol}`
    const listing = recordedListing(row.venue, row.symbol)
    if (!listing) {
      ignored.add(source)
      continue
    }
    from ??= row.knownAt
    lastAt = row.knownAt
    const entry = series.get(keyOf(listing)) ?? { listing, source, series: emptySeries() }
    if (entry.source !== source)
      throw new RecordingError(row.place, `${source} is the same market as ${entry.source}`)
    series.set(keyOf(listing), entry)
    append(entry.series, row)
    if (row.knownAt <= from) keepNewest(entry.series)
  }
  return { from: from ?? 0, lastAt, series, ignored }
}

function stateOf(
  series: Series,
  index: number,
  wallTime: (recorded: number) => Timestamp,
): VenueQuote | undefined {
  const quoteAt = series.quoteAt[index]
  const tradeAt = series.tradeAt[index]
  if (quoteAt === undefined || tradeAt === undefined) return undefined
  return {
    bid: decimalOf(series.bid[index]),
    ask: decimalOf(series.ask[index]),
    last: decimalOf(series.last[index]),
    lastTradeAt: wallTime(tradeAt),
    quoteAt: wallTime(quoteAt),
  }
}

function decimalOf(text: string | undefined): Decimal | undefined {
  return text === undefined ? undefined : new Decimal(text)
}

function fromOf(from: string | number | undefined): number | undefined {
  if (from === undefined || typeof from === 'number') return from
  const ms = Date.parse(from)
  if (Number.isNaN(ms))
    throw new RangeError(`"${from}" is not a time; expected ISO 8601 or unix ms`)
  return ms
}

function keyOf({ venue, instrument }: Listing): string {
  return `${venue}:${instrumentName(instrument)}`
}
