import { ok, refused } from './json.ts'
import type { Json } from './json.ts'
import { entryOf, notFound } from './symbols.ts'
import type {
  Book,
  BookEntry,
  SimulatedAnswer,
  SimulatedRequest,
  VenueSimulator,
} from './venue-simulator.ts'
import { size, spot, tradeId } from './words.ts'

/** KuCoin spot: codes are strings, a halted pair has nulls, `buy` is the best bid. */
export const kucoin: VenueSimulator = {
  name: 'kucoin',
  answer,
  tooMany: refused(429, { code: '429000', msg: 'Too Many Requests' }),
}

function answer({ path, query }: SimulatedRequest, book: Book): SimulatedAnswer {
  const entries = spot(book.entries)
  switch (path) {
    case '/api/v1/timestamp':
      return ok({ code: '200000', data: book.now })
    case '/api/v1/market/allTickers':
      return ok({ code: '200000', data: { time: book.now, ticker: entries.map(ticker) } })
    case '/api/v1/market/orderbook/level1':
      return levelOne(entryOf(entries, symbolOf, query.get('symbol')))
    default:
      return path.startsWith('/api/')
        ? refused(404, { code: '404000', msg: 'Url Not Found' })
        : notFound()
  }
}

function symbolOf({ instrument: { base, quote } }: BookEntry): string {
  return `${base}-${quote}`
}

function ticker(entry: BookEntry): Json {
  const last = entry.last?.toFixed() ?? null
  return {
    symbol: symbolOf(entry),
    symbolName: symbolOf(entry),
    buy: entry.bid?.toFixed() ?? null,
    bestBidSize: entry.bid ? size : null,
    sell: entry.ask?.toFixed() ?? null,
    bestAskSize: entry.ask ? size : null,
    changeRate: '0',
    changePrice: '0',
    high: last,
    low: last,
    vol: '1000',
    volValue: '1000',
    last,
    averagePrice: last,
    takerFeeRate: '0.001',
    makerFeeRate: '0.001',
    takerCoefficient: '1',
    makerCoefficient: '1',
  }
}

/** An unknown symbol is no error, only nothing. */
function levelOne(entry: BookEntry | undefined): SimulatedAnswer {
  if (!entry) return ok({ code: '200000', data: null })
  return ok({
    code: '200000',
    data: {
      time: entry.quoteAt,
      sequence: String(tradeId(entry)),
      price: entry.last?.toFixed() ?? null,
      size,
      bestBid: entry.bid?.toFixed() ?? null,
      bestBidSize: entry.bid ? size : null,
      bestAsk: entry.ask?.toFixed() ?? null,
      bestAskSize: entry.ask ? size : null,
    },
  })
}
