import { loadRecordings } from '../../../lib/adapters/recordings/load-recordings.ts'
import { instrumentName } from '../../../lib/domain/instrument.ts'
import { decimalAt } from '../../../lib/domain/recorded/price-column.ts'
import { newestAt, type QuoteSeries } from '../../../lib/domain/recorded/quote-series.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { Timestamp } from '../../../lib/domain/time.ts'
import type { Listing, MarketModel, VenueQuote } from './market.ts'

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
  const wanted = fromOf(options.from)
  const { series, files } = await loadRecordings(
    [{ file: options.file }],
    wanted === undefined ? {} : { from: wanted },
  )
  const { startedAt, speed } = options
  const bySource = new Map(series.map((one) => [keyOf(one), one]))
  const begun = Math.min(...series.map(({ knownAt }) => knownAt[0] ?? 0))
  const from = wanted ?? (series.length > 0 ? begun : 0)
  const lastAt = Math.max(0, ...series.map(({ knownAt, length }) => knownAt[length - 1] ?? 0))
  const wallTime = (recorded: number): Timestamp =>
    timestamp(Math.max(0, startedAt + Math.floor((recorded - from) / speed)))

  return {
    quote(venue, instrument, at) {
      const one = bySource.get(keyOf({ venue, instrument }))
      return one && stateOf(one, newestAt(one, from + (at - startedAt) * speed), wallTime)
    },
    covers: () => series.map(({ venue, instrument }) => ({ venue, instrument })),
    endsAt: timestamp(startedAt + Math.max(0, Math.ceil((lastAt - from) / speed))),
    ignored: files.flatMap(({ unused }) => unused),
  }
}

function stateOf(
  series: QuoteSeries,
  index: number,
  wallTime: (recorded: number) => Timestamp,
): VenueQuote | undefined {
  const quoteAt = series.quoteAt[index]
  const tradeAt = series.tradeAt[index]
  if (quoteAt === undefined || tradeAt === undefined) return undefined
  return {
    bid: decimalAt(series.bid, index),
    ask: decimalAt(series.ask, index),
    last: decimalAt(series.last, index),
    lastTradeAt: wallTime(tradeAt),
    quoteAt: wallTime(quoteAt),
  }
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
