import { readPrice } from '../../../lib/adapters/recordings/parse-cells.ts'
import { priceRound } from '../../../lib/domain/aggregate-round.ts'
import { usdText } from '../../../lib/domain/fast-round/exact-usd.ts'
import { type FastFeed, verdictNames } from '../../../lib/domain/fast-round/fast-feed.ts'
import type { FastRounds } from '../../../lib/domain/fast-round/fast-rounds.ts'
import { quoteOf } from '../../../lib/domain/fast-round/fast-source.ts'
import type { Feeds, Source } from '../../../lib/domain/feed.ts'
import { instrumentName } from '../../../lib/domain/instrument.ts'
import type { FeedResult, PriceMemory, PriceRound } from '../../../lib/domain/price-round.ts'
import { type Digits, noDigits } from '../../../lib/domain/recorded/price-column.ts'
import {
  appendRow,
  emptyRow,
  newestAt,
  openSeries,
  type QuoteSeries,
} from '../../../lib/domain/recorded/quote-series.ts'
import type { Timestamp } from '../../../lib/domain/time.ts'
import { aSource } from '../quotes.ts'

/** One state of a source, in words. */
export type RowText = {
  readonly knownAt: number
  readonly venueTime: number
  readonly bid: string
  readonly ask: string
  readonly last: string
  readonly traded: boolean
}

export function seriesOf(
  source: string,
  rows: readonly RowText[],
  timeKind: QuoteSeries['timeKind'],
): QuoteSeries {
  const series = openSeries(aSource(source))
  for (const { knownAt, venueTime, bid, ask, last, traded } of rows) {
    const row = { ...emptyRow(), knownAt, venueTime, traded, isBar: false }
    digits(bid, row.bid)
    digits(ask, row.ask)
    digits(last, row.price)
    appendRow(series, row)
  }
  series.timeKind = timeKind
  return series
}

export function digits(text: string, into: Digits = noDigits()): Digits {
  const bytes = Buffer.from(text)
  if (!readPrice(bytes, 0, bytes.length, into)) throw new RangeError(`"${text}" is no price`)
  return into
}

/** Finds a source's series. */
export function bySource(all: readonly QuoteSeries[]): (source: Source) => QuoteSeries | undefined {
  const names = new Map(all.map((one) => [nameOf(one), one]))
  return (source) => names.get(nameOf(source))
}

function nameOf({ venue, instrument }: Source): string {
  return `${venue}:${instrumentName(instrument)}`
}

/** The exact rule's round over the same states. */
export function exactRound(of: {
  readonly feeds: Feeds
  readonly series: readonly QuoteSeries[]
  readonly memory: PriceMemory | undefined
  readonly round: number
  readonly now: Timestamp
}): PriceRound {
  const quotes = of.series.flatMap((one) => {
    const row = newestAt(one, of.now)
    return row < 0 ? [] : [quoteOf(one, row, of.now)]
  })
  return priceRound({ ...of, quotes })
}

/** What both must have in common, of every feed. */
export function exactlyOf({ feeds }: PriceRound): readonly object[] {
  return feeds.map(({ feed, outcome, sources }) => ({
    feed,
    ...outcomeOf(outcome),
    verdicts: sources.map(({ verdict }) => verdict),
  }))
}

function outcomeOf(outcome: FeedResult['outcome']): object {
  return outcome.kind === 'price'
    ? {
        kind: outcome.kind,
        price: outcome.price.toFixed(),
        oldestInputAt: outcome.oldestInputAt,
        agreeing: outcome.sources,
      }
    : { kind: outcome.kind, reason: outcome.reason }
}

export function fastlyOf({ markets, legs }: FastRounds): readonly object[] {
  return [...markets, ...legs.map(({ last }) => last)].map((one) => ({
    feed: one.feed.feed,
    ...saidBy(one),
    verdicts: [...one.verdicts].map((verdict) => verdictNames[verdict]),
  }))
}

function saidBy({ kind, reason, price, oldestInputAt, agreeing }: FastFeed): object {
  return kind === 'price'
    ? { kind, price: usdText(price), oldestInputAt, agreeing }
    : { kind, reason }
}
