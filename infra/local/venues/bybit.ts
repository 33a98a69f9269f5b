import { ok } from './json.ts'
import type { Json } from './json.ts'
import { entryOf, joined, notFound } from './symbols.ts'
import type {
  Book,
  BookEntry,
  SimulatedAnswer,
  SimulatedRequest,
  VenueSimulator,
} from './venue-simulator.ts'
import { middle, perpetuals, size, spot, text, tradeId } from './words.ts'

/** Bybit v5: one time for the whole answer, and the same symbol in two categories. */
export const bybit: VenueSimulator = {
  name: 'bybit',
  answer,
  tooMany: { status: 429, body: '{"retCode":10006,"retMsg":"Too many visits!","result":{}}' },
}

function answer({ path, query }: SimulatedRequest, book: Book): SimulatedAnswer {
  if (path === '/v5/market/time')
    return enveloped(book, 0, 'OK', {
      timeSecond: String(Math.floor(book.now / 1000)),
      timeNano: `${book.now}000000`,
    })
  const category = query.get('category')
  const entries = category === 'spot' ? spot(book.entries) : perpetuals(book.entries)
  if (category !== 'spot' && category !== 'linear')
    return enveloped(book, 10001, 'Illegal category', {})
  switch (path) {
    case '/v5/market/tickers':
      return tickers(book, category, entries, query.get('symbol'))
    case '/v5/market/orderbook':
      return orderbook(book, entryOf(entries, symbolOf, query.get('symbol')))
    default:
      return notFound()
  }
}

function enveloped(book: Book, retCode: number, retMsg: string, result: Json): SimulatedAnswer {
  return ok({ retCode, retMsg, result, retExtInfo: {}, time: book.now })
}

function tickers(
  book: Book,
  category: 'spot' | 'linear',
  entries: readonly BookEntry[],
  symbol: string | null,
): SimulatedAnswer {
  const write = category === 'spot' ? spotTicker : linearTicker
  if (symbol === null) return enveloped(book, 0, 'OK', { category, list: entries.map(write) })
  const entry = entryOf(entries, symbolOf, symbol)
  if (!entry) return enveloped(book, 10001, 'Not supported symbols', { category: '', list: [] })
  return enveloped(book, 0, 'OK', { category, list: [write(entry)] })
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
    bid1Price: text(entry.bid),
    bid1Size: entry.bid ? size : '',
    ask1Price: text(entry.ask),
    ask1Size: entry.ask ? size : '',
    lastPrice: last,
    prevPrice24h: last,
    price24hPcnt: '0',
    highPrice24h: last,
    lowPrice24h: last,
    turnover24h: '1000',
    volume24h: '1000',
  }
}

function spotTicker(entry: BookEntry): Json {
  return { ...shared(entry), usdIndexPrice: text(middle(entry)) }
}

function linearTicker(entry: BookEntry): Json {
  return {
    ...shared(entry),
    indexPrice: text(middle(entry)),
    markPrice: text(middle(entry)),
    prevPrice1h: text(entry.last),
    openInterest: '1000',
    openInterestValue: '1000',
    fundingRate: '0.0001',
    nextFundingTime: String((Math.floor(entry.quoteAt / fundingMs) + 1) * fundingMs),
    predictedDeliveryPrice: '',
    basisRate: '',
    deliveryFeeRate: '',
    deliveryTime: '0',
    basis: '',
  }
}

const fundingMs = 8 * 3_600_000

function orderbook(book: Book, entry: BookEntry | undefined): SimulatedAnswer {
  if (!entry) return enveloped(book, 10001, 'Not supported symbols', {})
  return enveloped(book, 0, 'OK', {
    s: symbolOf(entry),
    b: entry.bid ? [[text(entry.bid), size]] : [],
    a: entry.ask ? [[text(entry.ask), size]] : [],
    ts: book.now,
    u: tradeId(entry),
    seq: tradeId(entry),
    cts: entry.quoteAt,
  })
}
