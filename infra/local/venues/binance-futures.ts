import { binanceTooMany } from './binance.ts'
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
import { middle, perpetuals, size, text, tradeId } from './words.ts'

/** Binance USD-M futures. */
export const binanceFutures: VenueSimulator = {
  name: 'binance-futures',
  answer,
  tooMany: binanceTooMany,
}

function answer({ path, query }: SimulatedRequest, book: Book): SimulatedAnswer {
  switch (path) {
    case '/fapi/v1/ping':
      return ok({})
    case '/fapi/v1/time':
      return ok({ serverTime: book.now })
    case '/fapi/v1/ticker/bookTicker':
      return rows(book, query, { single: 2, all: 5 }, bookTicker)
    case '/fapi/v1/ticker/price':
      return rows(book, query, { single: 1, all: 2 }, (entry) => ({
        symbol: joined(entry),
        price: text(entry.last, '0'),
        time: entry.lastTradeAt,
      }))
    case '/fapi/v1/ticker/24hr':
      return rows(book, query, { single: 1, all: 40 }, day)
    case '/fapi/v1/premiumIndex':
      return rows(book, query, { single: 1, all: 10 }, (entry) => premium(entry, book))
    default:
      return notFound()
  }
}

function rows(
  book: Book,
  query: URLSearchParams,
  weight: { readonly single: number; readonly all: number },
  write: (entry: BookEntry) => Json,
): SimulatedAnswer {
  const entries = perpetuals(book.entries)
  const symbol = query.get('symbol')
  const used = (each: number): Readonly<Record<string, string>> => ({
    'X-MBX-USED-WEIGHT-1M': String(each * book.requestsThisMinute),
  })
  if (symbol === null) return ok(entries.map(write), used(weight.all))
  const entry = entryOf(entries, joined, symbol)
  if (!entry) return refused(400, { code: -1121, msg: 'Invalid symbol.' })
  return ok(write(entry), used(weight.single))
}

function bookTicker(entry: BookEntry): Json {
  return {
    symbol: joined(entry),
    bidPrice: text(entry.bid, '0'),
    bidQty: entry.bid ? size : '0',
    askPrice: text(entry.ask, '0'),
    askQty: entry.ask ? size : '0',
    time: entry.quoteAt,
    lastUpdateId: tradeId(entry),
  }
}

/** Unlike spot, without bid and ask. */
function day(entry: BookEntry): Json {
  const last = text(entry.last, '0')
  return {
    symbol: joined(entry),
    priceChange: '0',
    priceChangePercent: '0',
    weightedAvgPrice: last,
    lastPrice: last,
    lastQty: size,
    openPrice: last,
    highPrice: last,
    lowPrice: last,
    volume: '1000',
    quoteVolume: '1000',
    openTime: entry.quoteAt - 86_400_000,
    closeTime: entry.quoteAt,
    firstId: tradeId(entry) - 1000,
    lastId: tradeId(entry),
    count: 1001,
  }
}

function premium(entry: BookEntry, { now }: Book): Json {
  const mark = text(middle(entry), '0')
  const eightHoursMs = 8 * 3_600_000
  return {
    symbol: joined(entry),
    markPrice: mark,
    indexPrice: mark,
    estimatedSettlePrice: mark,
    lastFundingRate: '0.00010000',
    interestRate: '0.00010000',
    nextFundingTime: (Math.floor(now / eightHoursMs) + 1) * eightHoursMs,
    time: entry.quoteAt,
  }
}
