import { json } from './json.ts'
import type { Json } from './json.ts'
import { entryOf, notFound } from './symbols.ts'
import type {
  Book,
  BookEntry,
  SimulatedAnswer,
  SimulatedRequest,
  VenueSimulator,
} from './venue-simulator.ts'
import { middle } from './words.ts'

/** Deribit: JSON-RPC over GET, JSON numbers, microseconds in the envelope. */
export const deribit: VenueSimulator = {
  name: 'deribit',
  answer,
  tooMany: {
    status: 429,
    body: json({ jsonrpc: '2.0', error: { message: 'too_many_requests', code: 10028 } }),
  },
}

const base = '/api/v2/public/'

function answer({ path, query }: SimulatedRequest, book: Book): SimulatedAnswer {
  if (!path.startsWith(base)) return notFound()
  switch (path.slice(base.length)) {
    case 'get_time':
      return result(book, book.now)
    case 'ticker': {
      const entry = entryOf(book.entries, nameOf, query.get('instrument_name'))
      return entry ? result(book, ticker(entry)) : invalid(book, 'instrument_name')
    }
    case 'get_index_price': {
      const entry = entryOf(book.entries, indexName, query.get('index_name'))
      const price = entry && middle(entry)
      if (!price) return invalid(book, 'index_name')
      return result(book, { index_price: price, estimated_delivery_price: price })
    }
    case 'get_book_summary_by_currency': {
      const currency = query.get('currency')
      const ofCurrency = book.entries.filter((entry) => currencyOf(entry) === currency)
      if (ofCurrency.length === 0) return invalid(book, 'currency')
      return result(
        book,
        ofCurrency.map((entry) => summary(entry, book)),
      )
    }
    default:
      return envelope(book, 400, { error: { message: 'Method not found', code: -32601 } })
  }
}

function envelope(
  { now }: Book,
  status: number,
  content: { readonly [key: string]: Json },
): SimulatedAnswer {
  // As if each answer took 40 microseconds.
  const usIn = BigInt(now) * 1000n - 40n
  const times = { usIn, usOut: usIn + 40n, usDiff: 40, testnet: false }
  return { status, body: json({ jsonrpc: '2.0', ...content, ...times }) }
}

function result(book: Book, value: Json): SimulatedAnswer {
  return envelope(book, 200, { result: value })
}

function invalid(book: Book, param: string): SimulatedAnswer {
  const data = { reason: 'wrong format', param }
  return envelope(book, 400, { error: { message: 'Invalid params', data, code: -32602 } })
}

/** In dollars the contract is settled in the coin and named without a quote; in USDC it is linear and says so. */
function nameOf({ instrument: { base: asset, quote, kind } }: BookEntry): string {
  if (kind === 'spot') return `${asset}_${quote}`
  return quote === 'USD' ? `${asset}-PERPETUAL` : `${asset}_${quote}-PERPETUAL`
}

function indexName({ instrument: { base: asset, quote } }: BookEntry): string {
  return `${asset}_${quote}`.toLowerCase()
}

/** Linear contracts are filed under what settles them. */
function currencyOf({ instrument: { base: asset, quote } }: BookEntry): string {
  return quote === 'USD' ? asset : quote
}

function ticker(entry: BookEntry): Json {
  const price = middle(entry) ?? null
  return {
    timestamp: entry.quoteAt,
    stats: { volume_usd: 1000, volume: 1000, price_change: 0, low: price, high: price },
    state: 'open',
    settlement_price: price,
    open_interest: 1000,
    min_price: price?.times('0.985') ?? null,
    max_price: price?.times('1.015') ?? null,
    mark_price: price,
    last_price: entry.last ?? null,
    instrument_name: nameOf(entry),
    index_price: price,
    funding_8h: 0.0001,
    estimated_delivery_price: price,
    current_funding: 0,
    // An empty side is the number 0 with the amount 0.
    best_bid_price: entry.bid ?? 0,
    best_bid_amount: entry.bid ? 1.5 : 0,
    best_ask_price: entry.ask ?? 0,
    best_ask_amount: entry.ask ? 1.5 : 0,
  }
}

function summary(entry: BookEntry, { now }: Book): Json {
  const { base: asset, quote } = entry.instrument
  return {
    instrument_name: nameOf(entry),
    base_currency: asset,
    quote_currency: quote,
    bid_price: entry.bid ?? null,
    ask_price: entry.ask ?? null,
    last: entry.last ?? null,
    mark_price: middle(entry) ?? null,
    mid_price: middle(entry) ?? null,
    volume: 1000,
    open_interest: 1000,
    creation_timestamp: now,
  }
}
