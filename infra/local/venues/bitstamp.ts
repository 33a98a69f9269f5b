import { ok, refused } from './json.ts'
import type { Json } from './json.ts'
import { entryOf, joined, notFound } from './symbols.ts'
import type {
  Book,
  BookEntry,
  SimulatedAnswer,
  SimulatedRequest,
  VenueSimulator,
} from './venue-simulator.ts'
import { size, spot, text } from './words.ts'

/** Bitstamp: whole seconds as strings; the same ticker with and without its pair's name. */
export const bitstamp: VenueSimulator = {
  name: 'bitstamp',
  answer,
  tooMany: refused(429, { status: 'error', reason: 'Rate limit exceeded.', code: 'API0004' }),
}

function answer({ path }: SimulatedRequest, book: Book): SimulatedAnswer {
  const entries = spot(book.entries)
  const [, api, version, what, pair] = path.split('/')
  if (api !== 'api' || version !== 'v2') return notFound()
  if (what === 'ticker' && !pair)
    return ok(entries.map((entry) => ({ ...ticker(entry), pair: pairOf(entry) })))
  const entry = entryOf(entries, (each) => joined(each).toLowerCase(), pair)
  if (!entry) return notFound()
  if (what === 'ticker') return ok(ticker(entry))
  if (what === 'order_book') return ok(orderBook(entry))
  return notFound()
}

function pairOf({ instrument: { base, quote } }: BookEntry): string {
  return `${base}/${quote}`
}

function ticker(entry: BookEntry): { readonly [key: string]: Json } {
  const last = text(entry.last)
  return {
    timestamp: seconds(entry),
    open: last,
    high: last,
    low: last,
    last,
    volume: '1000.00000000',
    vwap: last,
    bid: text(entry.bid),
    ask: text(entry.ask),
    side: '0',
    open_24: last,
    percent_change_24: '0.00',
  }
}

function orderBook(entry: BookEntry): Json {
  return {
    timestamp: seconds(entry),
    microtimestamp: `${entry.quoteAt}000`,
    bids: entry.bid ? [[text(entry.bid), size]] : [],
    asks: entry.ask ? [[text(entry.ask), size]] : [],
  }
}

function seconds({ quoteAt }: BookEntry): string {
  return String(Math.floor(quoteAt / 1000))
}
