import { json, ok } from './json.ts'
import type { Json } from './json.ts'
import { entryOf, joined, notFound } from './symbols.ts'
import type {
  Book,
  BookEntry,
  SimulatedAnswer,
  SimulatedRequest,
  VenueSimulator,
} from './venue-simulator.ts'
import { middle, perpetuals, size, spot, text } from './words.ts'

/** Bitget: spot and, by product type, linear futures. */
export const bitget: VenueSimulator = {
  name: 'bitget',
  answer,
  tooMany: { status: 429, body: json({ code: '429', msg: 'Too Many Requests' }) },
}

function answer({ path, query }: SimulatedRequest, book: Book): SimulatedAnswer {
  switch (path) {
    case '/api/v2/public/time':
      return data(book, { serverTime: String(book.now) })
    case '/api/v2/spot/market/tickers':
      return rows(book, spot(book.entries), query.get('symbol'), spotTicker)
    case '/api/v2/mix/market/tickers': {
      const quote = quoteOf(query.get('productType'))
      if (!quote) return failure(book, '40020', 'Parameter productType error')
      const ofType = perpetuals(book.entries).filter((entry) => entry.instrument.quote === quote)
      return rows(book, ofType, query.get('symbol'), mixTicker)
    }
    default:
      return notFound()
  }
}

function quoteOf(productType: string | null): string | undefined {
  return { 'usdt-futures': 'USDT', 'usdc-futures': 'USDC' }[productType?.toLowerCase() ?? '']
}

function data({ now }: Book, value: Json): SimulatedAnswer {
  return ok({ code: '00000', msg: 'success', requestTime: now, data: value })
}

function failure({ now }: Book, code: string, msg: string): SimulatedAnswer {
  return { status: 400, body: json({ code, msg, requestTime: now, data: null }) }
}

function rows(
  book: Book,
  entries: readonly BookEntry[],
  symbol: string | null,
  write: (entry: BookEntry) => Json,
): SimulatedAnswer {
  if (symbol === null) return data(book, entries.map(write))
  const entry = entryOf(entries, symbolOf, symbol)
  return entry ? data(book, [write(entry)]) : failure(book, '40034', 'Parameter does not exist')
}

/** Perpetuals in USDC have a name of their own: `BTCPERP`. */
function symbolOf(entry: BookEntry): string {
  const { base, quote, kind } = entry.instrument
  return kind === 'perpetual' && quote === 'USDC' ? `${base}PERP` : joined(entry)
}

function shared(entry: BookEntry): { readonly [key: string]: Json } {
  const last = text(entry.last)
  return {
    symbol: symbolOf(entry),
    high24h: last,
    low24h: last,
    lastPr: last,
    bidPr: text(entry.bid),
    askPr: text(entry.ask),
    bidSz: entry.bid ? size : '',
    askSz: entry.ask ? size : '',
    baseVolume: '1000',
    quoteVolume: '1000',
    usdtVolume: '1000',
    openUtc: last,
    changeUtc24h: '0',
    change24h: '0',
    ts: String(entry.quoteAt),
  }
}

function spotTicker(entry: BookEntry): Json {
  return { ...shared(entry), open: text(entry.last) }
}

function mixTicker(entry: BookEntry): Json {
  return {
    ...shared(entry),
    indexPrice: text(middle(entry)),
    markPrice: text(middle(entry)),
    fundingRate: '0.0001',
    holdingAmount: '1000',
    deliveryStartTime: null,
    deliveryTime: null,
    deliveryStatus: '',
    open24h: text(entry.last),
  }
}
