import * as z from 'zod/mini'

import type { Decimal } from '../../domain/decimal.ts'
import { type Instrument, instrumentName } from '../../domain/instrument.ts'
import type { Quote, TimeKind } from '../../domain/quote.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { VenueAnswer, VenueRequest } from '../../ports.ts'
import { tryRead } from './read.ts'
import { VenueAnswerError } from './venue-answer-error.ts'

/** What a venue says of one instrument. */
export type Ticker = {
  readonly bid: Decimal | undefined
  readonly ask: Decimal | undefined
  readonly last: Decimal | undefined
  /** Unless told otherwise the venue has no time. */
  readonly timeKind?: TimeKind
  /** Unix milliseconds by the venue's clock; undefined where that cannot be read. */
  readonly time?: number | undefined
  readonly suspended?: boolean
}

/** One answer and what was asked for. */
export type Reading = {
  readonly venue: string
  readonly answer: VenueAnswer
  readonly request: VenueRequest
}

/** How a venue writes a ticker. */
export type Row = z.ZodMiniType<Ticker>

export function rowOf<Shape extends z.core.$ZodShape>(
  shape: Shape,
  toTicker: (fields: z.output<z.ZodMiniObject<Shape>>) => Ticker,
): Row {
  return z.pipe(z.object(shape), z.transform(toTicker))
}

/** The quotes of the request's instruments out of a list that has one row for each, with its name at `key`. */
export function quotesByName(
  reading: Reading,
  list: {
    readonly rows: readonly unknown[]
    readonly key: string
    readonly nameOf: (instrument: Instrument) => string
    readonly row: Row
  },
): readonly Quote[] {
  const byName = rowsByName(reading.venue, list.rows, list.key)
  return quotesOf(reading, list.row, (instrument) => byName.get(list.nameOf(instrument)) ?? [])
}

function rowsByName(
  venue: string,
  rows: readonly unknown[],
  key: string,
): ReadonlyMap<string, readonly unknown[]> {
  const byName = new Map<string, unknown[]>()
  for (const [index, row] of rows.entries()) {
    const name: unknown =
      typeof row === 'object' && row !== null && Object.hasOwn(row, key)
        ? Reflect.get(row, key)
        : undefined
    if (typeof name !== 'string')
      throw new VenueAnswerError(venue, `row ${index} does not say in "${key}" what it is about`)
    const same = byName.get(name)
    if (same) same.push(row)
    else byName.set(name, [row])
  }
  return byName
}

/** The quotes of the request's instruments, each out of the row that `rowsOf` finds for it. */
export function quotesOf(
  reading: Reading,
  row: Row,
  rowsOf: (instrument: Instrument) => readonly unknown[],
): readonly Quote[] {
  const told = reading.request.instruments.flatMap((each) => {
    const [only, ...others] = rowsOf(each)
    // Two rows of one name contradict each other, or are two instruments: which is the right one cannot be told.
    if (only === undefined || others.length > 0) return []
    const instrument = instrumentName(each)
    return [{ instrument, ticker: tickerOf(reading, row, { raw: only, instrument }) }]
  })
  const quotes = told.flatMap(({ instrument, ticker }) =>
    ticker instanceof VenueAnswerError ? [] : [quoteOf(reading, instrument, ticker)],
  )
  const trouble = told.find(({ ticker }) => ticker instanceof VenueAnswerError)?.ticker
  if (trouble instanceof VenueAnswerError && quotes.length === 0) throw trouble
  return quotes.filter(saysSomething)
}

/**
 * One instrument's row; the error where it is not what the venue's documents say. Venues keep rows of what they no longer
 * trade, so that costs this instrument only; where no row can be read the whole answer is refused.
 */
function tickerOf(
  { venue, answer }: Reading,
  row: Row,
  { raw, instrument }: { readonly raw: unknown; readonly instrument: string },
): Ticker | VenueAnswerError {
  const ticker = tryRead(venue, row, raw, instrument)
  if (ticker instanceof VenueAnswerError || isTimely(ticker, answer.receivedAt)) return ticker
  return new VenueAnswerError(
    venue,
    `the time of ${instrument} is ${ticker.time ?? 'unreadable'} in unix ms, not within a day of ${answer.receivedAt}`,
  )
}

/** A venue's time further than this from ours is in another unit, or garbage. */
const dayMs = 24 * 60 * 60 * 1000

function isTimely({ timeKind = 'none', time }: Ticker, receivedAt: Timestamp): boolean {
  if (timeKind === 'none') return true
  return time !== undefined && time >= 0 && Math.abs(time - receivedAt) <= dayMs
}

function saysSomething({ bid, ask, last, suspended }: Quote): boolean {
  // Buyers above sellers: at least one of the two is wrong, and the last trade cannot say which.
  if (bid && ask && bid.gt(ask)) return false
  return Boolean(bid ?? ask ?? last) || suspended
}

function quoteOf({ venue, answer }: Reading, instrument: string, ticker: Ticker): Quote {
  const { bid, ask, last, timeKind = 'none', time, suspended = false } = ticker
  const { receivedAt, answeredAt } = answer
  const venueTime = timeKind === 'none' || time === undefined ? undefined : timestamp(time)
  const prices = { bid, ask, last }
  return { venue, instrument, ...prices, timeKind, venueTime, receivedAt, answeredAt, suspended }
}
