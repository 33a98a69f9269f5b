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
import { middle, perpetuals, size, spot } from './words.ts'

/** MEXC: spot in Binance's words with some nulls, perpetuals in its own with JSON numbers. */
export const mexc: VenueSimulator = {
  name: 'mexc',
  answer,
  tooMany: refused(429, { code: 510, msg: 'Requests are too frequent. Please try again later!' }),
}

function answer({ path, query }: SimulatedRequest, book: Book): SimulatedAnswer {
  const symbol = query.get('symbol')
  switch (path) {
    case '/api/v3/ping':
      return ok({})
    case '/api/v3/time':
      return ok({ serverTime: book.now })
    case '/api/v3/ticker/24hr':
      return spotRows(book, symbol, day)
    case '/api/v3/ticker/bookTicker':
      return spotRows(book, symbol, bookTicker)
    case '/api/v1/contract/ticker':
      return contracts(perpetuals(book.entries), symbol)
    default:
      return notFound()
  }
}

function spotRows(
  book: Book,
  symbol: string | null,
  write: (entry: BookEntry) => Json,
): SimulatedAnswer {
  const entries = spot(book.entries)
  if (symbol === null) return ok(entries.map(write))
  const entry = entryOf(entries, joined, symbol)
  return entry ? ok(write(entry)) : refused(400, { code: -1121, msg: 'Invalid symbol.' })
}

function bookTicker(entry: BookEntry): { readonly [key: string]: Json } {
  return {
    symbol: joined(entry),
    bidPrice: entry.bid?.toFixed() ?? null,
    bidQty: entry.bid ? size : null,
    askPrice: entry.ask?.toFixed() ?? null,
    askQty: entry.ask ? size : null,
  }
}

function day(entry: BookEntry): Json {
  const last = entry.last?.toFixed() ?? null
  return {
    ...bookTicker(entry),
    priceChange: '0',
    priceChangePercent: '0',
    prevClosePrice: last,
    lastPrice: last,
    openPrice: last,
    highPrice: last,
    lowPrice: last,
    volume: '1000',
    quoteVolume: null,
    openTime: entry.quoteAt - 86_400_000,
    closeTime: entry.quoteAt,
    count: null,
  }
}

/** One contract is an object, all are a list. */
function contracts(entries: readonly BookEntry[], symbol: string | null): SimulatedAnswer {
  if (symbol === null) return ok({ success: true, code: 0, data: entries.map(contract) })
  const entry = entryOf(entries, nameOf, symbol)
  if (entry) return ok({ success: true, code: 0, data: contract(entry) })
  return ok({ success: false, code: 1001, message: 'Contract does not exist!' })
}

function nameOf({ instrument: { base, quote } }: BookEntry): string {
  return `${base}_${quote}`
}

function contract(entry: BookEntry): Json {
  const last = entry.last ?? 0
  return {
    contractId: 10,
    symbol: nameOf(entry),
    lastPrice: last,
    bid1: entry.bid ?? 0,
    ask1: entry.ask ?? 0,
    volume24: 1000,
    amount24: 1000,
    holdVol: 1000,
    lower24Price: last,
    high24Price: last,
    riseFallRate: 0,
    riseFallValue: 0,
    indexPrice: middle(entry) ?? 0,
    fairPrice: middle(entry) ?? 0,
    fundingRate: 0.0001,
    timestamp: entry.quoteAt,
  }
}
