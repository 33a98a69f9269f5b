import { ok, refused } from './json.ts'
import type { Json } from './json.ts'
import { notFound } from './symbols.ts'
import type {
  Book,
  BookEntry,
  SimulatedAnswer,
  SimulatedRequest,
  VenueSimulator,
} from './venue-simulator.ts'
import { iso, middle, perpetuals } from './words.ts'

/** Kraken futures: JSON numbers, perpetuals and indices in one list, sides of an empty book left out. */
export const krakenFutures: VenueSimulator = {
  name: 'kraken-futures',
  answer,
  tooMany: refused(429, { result: 'error', error: 'apiLimitExceeded' }),
}

function answer({ path }: SimulatedRequest, book: Book): SimulatedAnswer {
  if (path !== '/derivatives/api/v3/tickers') return notFound()
  const entries = perpetuals(book.entries)
  const tickers = [...entries.map(ticker), ...entries.map(index)]
  return ok({ result: 'success', tickers, serverTime: iso(book.now) })
}

function asset(base: string): string {
  return base === 'BTC' ? 'XBT' : base
}

function ticker(entry: BookEntry): Json {
  const { base, quote } = entry.instrument
  return {
    symbol: `PF_${asset(base)}${quote}`,
    last: entry.last,
    lastTime: iso(entry.lastTradeAt),
    tag: 'perpetual',
    pair: `${asset(base)}:${quote}`,
    markPrice: middle(entry),
    bid: entry.bid,
    bidSize: entry.bid && 1.5,
    ask: entry.ask,
    askSize: entry.ask && 1.5,
    vol24h: 1000,
    openInterest: 1000,
    indexPrice: middle(entry),
    lastSize: 1.5,
    suspended: false,
    postOnly: false,
  }
}

function index(entry: BookEntry): Json {
  const { base, quote } = entry.instrument
  return {
    symbol: `in_${asset(base)}${quote}`.toLowerCase(),
    last: middle(entry),
    lastTime: iso(entry.quoteAt),
  }
}
