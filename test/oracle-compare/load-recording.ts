import { join } from 'node:path'

import {
  append,
  emptySeries,
  newestAt,
  type Series,
} from '../../infra/local/market/recorded-series.ts'
import { readRecording, type RecordedRow } from '../../infra/local/market/recording.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import type { Quote } from '../../lib/domain/quote.ts'
import { timestamp } from '../../lib/domain/time.ts'
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

/** One source's rows: what it showed, and what was traded. */
type Book = {
  readonly source: string
  readonly series: Series
  /** Where it has no clock of its own, its answers have no time. */
  hasTime: boolean
  readonly low: number[]
  readonly high: number[]
  readonly volume: number[]
  readonly traded: boolean[]
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

async function readBooks(recording: Recording, folder: string): Promise<ReadonlyMap<string, Book>> {
  const books = new Map<string, Book>()
  for await (const row of readRecording(join(folder, recording.file))) {
    const name = `${row.venue} ${row.symbol}`
    const source = recording.sources[name]
    if (source === undefined || row.knownAt > recording.to) continue
    const book = books.get(name) ?? newBook(source)
    books.set(name, book)
    add(book, row)
  }
  const lost = Object.keys(recording.sources).filter((name) => !books.has(name))
  if (lost.length > 0) throw new RangeError(`${recording.file} has no ${lost.join(', ')}`)
  return books
}

function newBook(source: string): Book {
  return {
    source,
    series: emptySeries(),
    hasTime: false,
    low: [],
    high: [],
    volume: [],
    traded: [],
  }
}

function add(book: Book, row: RecordedRow): void {
  append(book.series, row)
  book.hasTime ||= row.isBar || row.venueTime !== row.knownAt
  const price = Number(row.price ?? NaN)
  book.low.push(row.low === undefined ? price : Number(row.low))
  book.high.push(row.high === undefined ? price : Number(row.high))
  book.volume.push(row.volume ?? 0)
  book.traded.push(row.traded)
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
  const { series, hasTime, source } = book
  const [venue = '', instrument = ''] = source.split(':')
  const quote: Quote = {
    venue,
    instrument,
    bid: decimalOf(series.bid[at]),
    ask: decimalOf(series.ask[at]),
    last: decimalOf(series.last[at]),
    timeKind: hasTime ? 'quote' : 'none',
    venueTime: hasTime ? timestamp(series.quoteAt[newest] ?? now) : undefined,
    receivedAt: timestamp(now),
    answeredAt: timestamp(now),
    suspended: false,
  }
  return [seenOf(quote, book.volume[at] ?? 0)]
}

function decimalOf(text: string | undefined): Decimal | undefined {
  return text === undefined ? undefined : new Decimal(text)
}

/** What was really traded since the round before. */
function tradedIn(
  venue: string,
  book: Book | undefined,
  { now, everyMs }: { readonly now: number; readonly everyMs: number },
): readonly Traded[] {
  if (!book) return []
  const { knownAt, last } = book.series
  const window: number[] = []
  for (let at = newestAt(book.series, now); at >= 0; at -= 1) {
    if ((knownAt[at] ?? 0) <= now - everyMs) break
    if (book.traded[at]) window.push(at)
  }
  const [newest] = window
  if (newest === undefined) return []
  const low = Math.min(...window.map((at) => book.low[at] ?? NaN))
  const high = Math.max(...window.map((at) => book.high[at] ?? NaN))
  return [{ venue, close: Number(last[newest]), low, high }]
}
