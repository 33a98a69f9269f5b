import { ok, refused } from './json.ts'
import type { Json } from './json.ts'
import { kucoin } from './kucoin.ts'
import { entryOf, notFound } from './symbols.ts'
import type {
  Book,
  BookEntry,
  SimulatedAnswer,
  SimulatedRequest,
  VenueSimulator,
} from './venue-simulator.ts'
import { middle, perpetuals, size, text, tradeId } from './words.ts'

/** KuCoin futures: XBT for bitcoin, M behind every symbol, nanoseconds beyond what a float can hold. */
export const kucoinFutures: VenueSimulator = {
  name: 'kucoin-futures',
  answer,
  tooMany: kucoin.tooMany,
}

function answer({ path, query }: SimulatedRequest, book: Book): SimulatedAnswer {
  const entries = perpetuals(book.entries)
  switch (path) {
    case '/api/v1/timestamp':
      return ok({ code: '200000', data: book.now })
    case '/api/v1/allTickers':
      return ok({ code: '200000', data: entries.map(ticker) })
    case '/api/v1/ticker': {
      const entry = entryOf(entries, symbolOf, query.get('symbol'))
      if (!entry) return ok({ code: '100003', msg: 'Contract parameter invalid' })
      return ok({ code: '200000', data: ticker(entry) })
    }
    case '/api/v1/contracts/active':
      return ok({ code: '200000', data: entries.map(contract) })
    default:
      return path.startsWith('/api/')
        ? refused(404, { code: '404000', msg: 'Url Not Found' })
        : notFound()
  }
}

function symbolOf({ instrument: { base, quote } }: BookEntry): string {
  return `${base === 'BTC' ? 'XBT' : base}${quote}M`
}

function ticker(entry: BookEntry): Json {
  return {
    sequence: tradeId(entry),
    symbol: symbolOf(entry),
    side: 'buy',
    size: 1,
    tradeId: String(tradeId(entry)),
    price: text(entry.last),
    bestBidPrice: text(entry.bid),
    bestBidSize: entry.bid ? 1 : 0,
    bestAskPrice: text(entry.ask),
    bestAskSize: entry.ask ? 1 : 0,
    ts: BigInt(entry.quoteAt) * 1_000_000n,
  }
}

function contract(entry: BookEntry): Json {
  const { base, quote } = entry.instrument
  return {
    symbol: symbolOf(entry),
    type: 'FFWCSX',
    baseCurrency: base === 'BTC' ? 'XBT' : base,
    quoteCurrency: quote,
    settleCurrency: quote,
    isInverse: false,
    status: 'Open',
    markPrice: middle(entry) ?? null,
    indexPrice: middle(entry) ?? null,
    lastTradePrice: entry.last ?? null,
    volumeOf24h: Number(size),
  }
}
