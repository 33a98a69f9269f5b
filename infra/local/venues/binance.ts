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
import { padded, paddedSize as size, spot, tradeId } from './words.ts'

export const binanceTooMany = refused(429, {
  code: -1003,
  msg: 'Too much request weight used; current limit is 6000 request weight per 1 MINUTE.',
})

/** Binance spot, and every venue that took over its API. */
export const binance: VenueSimulator = binanceSpotApi('binance')
export const binanceus: VenueSimulator = binanceSpotApi('binanceus')

function binanceSpotApi(name: string): VenueSimulator {
  return { name, answer, tooMany: binanceTooMany }
}

function answer({ path, query }: SimulatedRequest, book: Book): SimulatedAnswer {
  const entries = spot(book.entries)
  switch (path) {
    case '/api/v3/ping':
      return ok({})
    case '/api/v3/time':
      return ok({ serverTime: book.now })
    case '/api/v3/ticker/24hr':
      return tickers(entries, query, book, query.get('type') === 'MINI' ? mini : full)
    case '/api/v3/ticker/bookTicker':
      return tickers(entries, query, book, bookTicker)
    case '/api/v3/ticker/price':
      return tickers(entries, query, book, (entry) => ({
        symbol: joined(entry),
        price: padded(entry.last, 8),
      }))
    case '/api/v3/trades':
      return trades(entryOf(entries, joined, query.get('symbol')))
    default:
      return notFound()
  }
}

/** One object for `symbol`, a list for `symbols` or nothing; one unknown symbol fails the whole request. */
function tickers(
  entries: readonly BookEntry[],
  query: URLSearchParams,
  book: Book,
  write: (entry: BookEntry) => Json,
): SimulatedAnswer {
  const symbol = query.get('symbol')
  const symbols = query.get('symbols')
  if (symbol !== null && symbols !== null)
    return refused(400, { code: -1128, msg: 'Combination of optional parameters invalid.' })
  const wanted = symbol === null ? namesIn(symbols) : [symbol]
  if (wanted === 'illegal')
    return refused(400, { code: -1100, msg: "Illegal characters found in parameter 'symbols'." })
  const found = wanted?.map((name) => entryOf(entries, joined, name)) ?? entries
  const known = found.filter((entry) => entry !== undefined)
  if (known.length < found.length) return refused(400, { code: -1121, msg: 'Invalid symbol.' })
  const rows = known.map(write)
  // Every request counts as if it were like this one: what a polling client really uses.
  const used = String(weightOf(wanted?.length) * book.requestsThisMinute)
  const headers = { 'X-MBX-USED-WEIGHT': used, 'X-MBX-USED-WEIGHT-1M': used }
  return ok(symbol === null ? rows : (rows[0] ?? null), headers)
}

/** Of `ticker/24hr`: by how many symbols were asked for. */
function weightOf(symbols: number | undefined): number {
  if (symbols === undefined || symbols > 100) return 80
  return symbols > 20 ? 40 : 2
}

function namesIn(symbols: string | null): readonly string[] | undefined | 'illegal' {
  if (symbols === null) return undefined
  if (!/^\["[A-Z0-9-_.]+"(,"[A-Z0-9-_.]+")*\]$/.test(symbols)) return 'illegal'
  return symbols.slice(2, -2).split('","')
}

function full(entry: BookEntry): { readonly [key: string]: Json } {
  const last = padded(entry.last, 8)
  return {
    symbol: joined(entry),
    priceChange: '0.00000000',
    priceChangePercent: '0.000',
    weightedAvgPrice: last,
    prevClosePrice: last,
    lastPrice: last,
    lastQty: size,
    bidPrice: padded(entry.bid, 8),
    bidQty: entry.bid ? size : '0.00000000',
    askPrice: padded(entry.ask, 8),
    askQty: entry.ask ? size : '0.00000000',
    openPrice: last,
    highPrice: last,
    lowPrice: last,
    volume: '1000.00000000',
    quoteVolume: '1000.00000000',
    openTime: entry.quoteAt - dayMs,
    closeTime: entry.quoteAt,
    firstId: tradeId(entry) - 1000,
    lastId: tradeId(entry),
    count: 1001,
  }
}

const dayMs = 86_400_000

/** `type=MINI` has no bid and no ask. */
function mini(entry: BookEntry): Json {
  const whole = full(entry)
  return Object.fromEntries(miniFields.map((field) => [field, whole[field]]))
}

const miniFields =
  'symbol openPrice highPrice lowPrice lastPrice volume quoteVolume openTime closeTime firstId lastId count'.split(
    ' ',
  )

/** No time anywhere. */
function bookTicker(entry: BookEntry): Json {
  const { symbol, bidPrice, bidQty, askPrice, askQty } = full(entry)
  return { symbol, bidPrice, bidQty, askPrice, askQty }
}

function trades(entry: BookEntry | undefined): SimulatedAnswer {
  if (!entry) return refused(400, { code: -1121, msg: 'Invalid symbol.' })
  if (!entry.last) return ok([])
  return ok([
    {
      id: tradeId(entry),
      price: padded(entry.last, 8),
      qty: size,
      quoteQty: padded(entry.last.times(size), 8),
      time: entry.lastTradeAt,
      isBuyerMaker: true,
      isBestMatch: true,
    },
  ])
}
