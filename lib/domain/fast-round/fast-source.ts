import type { Feed, Feeds, Source } from '../feed.ts'
import { instrumentName } from '../instrument.ts'
import { sourceKey } from '../memory-keys.ts'
import { familyOf } from '../quorum.ts'
import type { Quote } from '../quote.ts'
import { decimalAt } from '../recorded/price-column.ts'
import type { QuoteSeries } from '../recorded/quote-series.ts'
import { timestamp, type Timestamp } from '../time.ts'

/** One source of a feed with all that is looked up once. */
export type FastSource = {
  readonly source: Source
  /** `venue instrument`. */
  readonly key: string
  /** Undefined where nothing was recorded of it. */
  readonly series: QuoteSeries | undefined
  /** Of the currency that it is quoted in, among the legs; -1 for USD, -2 where there is none for it. */
  readonly leg: number
  /** The same number for venues that count as one. */
  readonly family: number
  readonly isDirect: boolean
}

/** A leg's price of this round. */
export type LegRate = { readonly price: bigint; readonly float: number; readonly at: number }

/** Currencies that need no leg, and such as have none. */
export const usd = -1
export const unconvertible = -2

export function fastSources(
  { sources }: Feed,
  of: {
    readonly families: Feeds['families']
    /** In the order of the legs' rates; none for a leg's own sources. */
    readonly currencies: readonly string[]
    readonly seriesOf: (source: Source) => QuoteSeries | undefined
  },
): readonly FastSource[] {
  const families: string[] = []
  return sources.map((source) => {
    const { quote } = source.instrument
    const family = familyOf(source.venue, of.families)
    if (!families.includes(family)) families.push(family)
    const leg = of.currencies.indexOf(quote)
    return {
      source,
      key: sourceKey(source.venue, instrumentName(source.instrument)),
      series: of.seriesOf(source),
      leg: quote === 'USD' ? usd : leg < 0 ? unconvertible : leg,
      family: families.indexOf(family),
      isDirect: quote === 'USD',
    }
  })
}

/** The state as the exact rule reads it: an answer that has just arrived. */
export function quoteOf(series: QuoteSeries, row: number, now: Timestamp): Quote {
  const { venue, instrument, bid, ask, last, timeKind } = series
  return {
    venue,
    instrument: instrumentName(instrument),
    bid: decimalAt(bid, row),
    ask: decimalAt(ask, row),
    last: decimalAt(last, row),
    timeKind,
    venueTime: timeKind === 'none' ? undefined : timestamp(timeAt(series, row)),
    receivedAt: now,
    answeredAt: now,
    suspended: false,
  }
}

/** The venue's own time of a state. */
export function timeAt({ timeKind, tradeAt, quoteAt }: QuoteSeries, row: number): number {
  return (timeKind === 'trade' ? tradeAt : quoteAt)[row] ?? 0
}
