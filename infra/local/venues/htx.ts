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
import { perpetuals, spot, text, tradeId } from './words.ts'

/** HTX: spot prices are JSON numbers with one time for all; errors come with status 200. */
export const htx: VenueSimulator = {
  name: 'htx',
  answer,
  tooMany: refused(429, failure('too-many-requests', 'too many requests')),
}

function answer({ path, query }: SimulatedRequest, book: Book): SimulatedAnswer {
  const entries = spot(book.entries)
  const symbol = query.get('symbol')
  switch (path) {
    case '/v1/common/timestamp':
      return ok({ status: 'ok', data: book.now })
    case '/market/tickers':
      return ok({ data: entries.map(ticker), status: 'ok', ts: book.now })
    case '/market/detail/merged':
      return ofSymbol(entries, symbol, (entry) => ({
        ch: `market.${symbolOf(entry)}.detail.merged`,
        status: 'ok',
        ts: book.now,
        tick: merged(entry),
      }))
    case '/market/depth':
      return ofSymbol(entries, symbol, (entry) => ({
        ch: `market.${symbolOf(entry)}.depth.step0`,
        status: 'ok',
        ts: book.now,
        tick: { ...sides(entry), version: tradeId(entry), ts: entry.quoteAt },
      }))
    case '/linear-swap-ex/market/detail/batch_merged':
      return ok({
        status: 'ok',
        ticks: perpetuals(book.entries).map(swapTick),
        ts: book.now,
      })
    default:
      return notFound()
  }
}

function failure(code: string, message: string): Json {
  return { status: 'error', 'err-code': code, 'err-msg': message, data: null }
}

function ofSymbol(
  entries: readonly BookEntry[],
  symbol: string | null,
  write: (entry: BookEntry) => Json,
): SimulatedAnswer {
  const entry = entryOf(entries, symbolOf, symbol)
  return ok(entry ? write(entry) : failure('invalid-parameter', 'invalid symbol'))
}

function symbolOf(entry: BookEntry): string {
  return joined(entry).toLowerCase()
}

/** An empty side is the number 0. */
function ticker(entry: BookEntry): Json {
  const last = entry.last ?? 0
  return {
    symbol: symbolOf(entry),
    open: last,
    high: last,
    low: last,
    close: last,
    amount: 1000,
    vol: 1000,
    count: 1000,
    bid: entry.bid ?? 0,
    bidSize: entry.bid ? 1.5 : 0,
    ask: entry.ask ?? 0,
    askSize: entry.ask ? 1.5 : 0,
  }
}

function merged(entry: BookEntry): Json {
  const last = entry.last ?? 0
  return {
    id: tradeId(entry),
    version: tradeId(entry),
    open: last,
    close: last,
    low: last,
    high: last,
    amount: 1000,
    vol: 1000,
    count: 1000,
    bid: [entry.bid ?? 0, 1.5],
    ask: [entry.ask ?? 0, 1.5],
  }
}

function sides(entry: BookEntry): { readonly [key: string]: Json } {
  return {
    bids: entry.bid ? [[entry.bid, 1.5]] : [],
    asks: entry.ask ? [[entry.ask, 1.5]] : [],
  }
}

function swapTick(entry: BookEntry): Json {
  const { base, quote } = entry.instrument
  const last = text(entry.last)
  return {
    id: tradeId(entry),
    ts: entry.quoteAt,
    contract_code: `${base}-${quote}`,
    business_type: 'swap',
    bid: entry.bid ? [entry.bid, 15] : null,
    ask: entry.ask ? [entry.ask, 15] : null,
    open: last,
    close: last,
    low: last,
    high: last,
    amount: '1000',
    count: 1000,
    vol: '1000',
    trade_turnover: '1000',
  }
}
