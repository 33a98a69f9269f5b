import { join } from 'node:path'

import { loadRecordings } from '../../lib/adapters/recordings/load-recordings.ts'
import { instrumentName } from '../../lib/domain/instrument.ts'
import type { Quote } from '../../lib/domain/quote.ts'
import { decimalAt, floatAt } from '../../lib/domain/recorded/price-column.ts'
import { hasTraded, newestAt, type QuoteSeries } from '../../lib/domain/recorded/quote-series.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { aSource } from '../domain/quotes.ts'
import { type Consensus, consensusOf, type Traded } from './consensus.ts'
import type { Recording } from './recordings.ts'
import type { Round, Seen, Setup } from './rule.ts'
import { seenOf } from './seen.ts'

/** One moment of a recording: what every rule sees, and what the price was. */
export type Moment = {
  readonly round: Round
  /** Undefined where too few venues traded, or did not agree. */
  readonly truth: Consensus | undefined
}

export type Loaded = {
  readonly setup: Setup
  /** In order; made while they are asked for, since a month of them does not fit into memory. */
  readonly moments: Iterable<Moment>
}

/** Reads a recording and lays it out in rounds `everyMs` apart. A venue goes on showing what it showed last. */
export async function loadRecording(recording: Recording, folder: string): Promise<Loaded> {
  const { sources, setup } = recording
  const books = await readBooks(recording, folder)
  const names = Object.values(sources)
  const base = names[0]?.split(':')[1]?.split('-')[0] ?? ''
  const own = (isOwn: (pair: string) => boolean) =>
    names.filter((name) => isOwn(name.split(':')[1] ?? ''))
  const legs = Object.groupBy(
    own((pair) => !pair.startsWith(`${base}-`)),
    (name) => name.split(':')[1]?.split('-')[0] ?? '',
  )
  const whole: Setup = {
    ...setup,
    sources: own((pair) => pair.startsWith(`${base}-`)),
    legs: Object.fromEntries(
      Object.entries(legs).map(([currency, found = []]) => [currency, found]),
    ),
  }
  return { setup: whole, moments: momentsOf(recording, books, whole) }
}

/** One source's rows, and its name. */
type Book = { readonly source: string; readonly series: QuoteSeries }

async function readBooks(recording: Recording, folder: string): Promise<ReadonlyMap<string, Book>> {
  const { sources, to } = recording
  const { series } = await loadRecordings([{ file: join(folder, recording.file) }], {
    to,
    trades: true,
    listingOf: (venue, symbol) => {
      const source = sources[`${venue} ${symbol}`]
      return source === undefined ? undefined : aSource(source)
    },
  })
  const books = new Map(
    Object.entries(sources).flatMap(([name, source]) => {
      const own = series.find(
        ({ venue, instrument }) => `${venue}:${instrumentName(instrument)}` === source,
      )
      return own ? [[name, { source, series: own }] as const] : []
    }),
  )
  const lost = Object.keys(sources).filter((name) => !books.has(name))
  if (lost.length > 0) throw new RangeError(`${recording.file} has no ${lost.join(', ')}`)
  return books
}

function* momentsOf(
  { from, to, truth, slackBps, freeze, setup: { everyMs } }: Recording,
  books: ReadonlyMap<string, Book>,
  setup: Setup,
): Generator<Moment> {
  const bySource = new Map([...books.values()].map((book) => [book.source, book]))
  const see = (sources: readonly string[], now: number) =>
    sources.flatMap((source) =>
      seenAt(bySource.get(source), { now, frozenAt: frozenAt(source, now, freeze) }),
    )
  for (let at = from; at <= to; at += everyMs) {
    const now = timestamp(at)
    const market = see(setup.sources, now)
    if (!isRecorded(market, now - 10 * everyMs)) continue
    const legs = Object.entries(setup.legs).map(([currency, own]) => [currency, see(own, now)])
    const traded = truth.flatMap((name) => tradedIn(name, books.get(name), { now, everyMs }))
    yield {
      round: { now, market, legs: Object.fromEntries(legs) as Round['legs'] },
      truth: consensusOf(traded, slackBps),
    }
  }
}

/** Recordings of several crashes have years between them: where no venue has said anything since, there is no round. */
function isRecorded(market: readonly Seen[], since: number): boolean {
  return market.some(({ quote }) => (quote.venueTime ?? 0) >= since)
}

/** Since when a source has stood still; undefined where it has not. */
function frozenAt(source: string, now: number, freeze: Recording['freeze']): number | undefined {
  if (!freeze?.sources.includes(source)) return undefined
  const { eachMs, forMs } = freeze
  const begun = now - (now % eachMs) + (eachMs - forMs) / 2
  return now >= begun && now < begun + forMs ? begun : undefined
}

function seenAt(
  book: Book | undefined,
  { now, frozenAt: stopped }: { readonly now: number; readonly frozenAt: number | undefined },
): readonly Seen[] {
  const newest = book ? newestAt(book.series, now) : -1
  if (!book || newest < 0) return []
  const at = stopped === undefined ? newest : newestAt(book.series, stopped)
  if (at < 0) return []
  const { series, source } = book
  const hasTime = series.timeKind !== 'none'
  const [venue = '', instrument = ''] = source.split(':')
  const quote: Quote = {
    venue,
    instrument,
    bid: decimalAt(series.bid, at),
    ask: decimalAt(series.ask, at),
    last: decimalAt(series.last, at),
    timeKind: hasTime ? 'quote' : 'none',
    venueTime: hasTime ? timestamp(series.quoteAt[newest] ?? now) : undefined,
    receivedAt: timestamp(now),
    answeredAt: timestamp(now),
    suspended: false,
  }
  return [seenOf(quote, series.trades?.volume[at] ?? 0)]
}

/** What was really traded since the round before. */
function tradedIn(
  venue: string,
  book: Book | undefined,
  { now, everyMs }: { readonly now: number; readonly everyMs: number },
): readonly Traded[] {
  if (!book) return []
  const { series } = book
  const { knownAt, last, trades } = series
  const window: number[] = []
  for (let at = newestAt(series, now); at >= 0; at -= 1) {
    if ((knownAt[at] ?? 0) <= now - everyMs) break
    if (hasTraded(series, at)) window.push(at)
  }
  const [newest] = window
  if (newest === undefined) return []
  const low = Math.min(...window.map((at) => trades?.low[at] ?? NaN))
  const high = Math.max(...window.map((at) => trades?.high[at] ?? NaN))
  return [{ venue, close: floatAt(last, newest), low, high }]
}
