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
import { middle, perpetuals, size, spot, text } from './words.ts'

/** OKX: numbers as strings, also the times; an empty side is an empty string. */
export const okx: VenueSimulator = {
  name: 'okx',
  answer,
  tooMany: refused(429, { msg: 'Too Many Requests', code: '50011' }),
}

function answer({ path, query }: SimulatedRequest, book: Book): SimulatedAnswer {
  switch (path) {
    case '/api/v5/public/time':
      return data([{ ts: String(book.now) }])
    case '/api/v5/market/tickers':
      return ofType(book, query.get('instType'), ticker)
    case '/api/v5/market/ticker':
      return ofId(book, query.get('instId'), ticker)
    case '/api/v5/public/mark-price':
      return ofType(book, query.get('instType'), mark)
    case '/api/v5/market/index-tickers':
      return data(
        spot(book.entries)
          .filter(({ instrument }) => instrument.quote === query.get('quoteCcy'))
          .map(indexTicker),
      )
    case '/api/v5/market/books':
      return ofId(book, query.get('instId'), books)
    default:
      return notFound()
  }
}

function data(rows: Json): SimulatedAnswer {
  return ok({ code: '0', msg: '', data: rows })
}

function ofType(
  { entries }: Book,
  type: string | null,
  write: (entry: BookEntry) => Json,
): SimulatedAnswer {
  if (type === 'SPOT') return data(spot(entries).map(write))
  if (type === 'SWAP') return data(perpetuals(entries).map(write))
  if (type === null)
    return refused(400, { msg: "Parameter instType can't be empty.", code: '50014', data: [] })
  return refused(400, { msg: 'Parameter instType error.', code: '51000', data: [] })
}

function ofId(
  { entries }: Book,
  id: string | null,
  write: (entry: BookEntry) => Json,
): SimulatedAnswer {
  const entry = entryOf(entries, instId, id)
  if (entry) return data([write(entry)])
  return ok({
    code: '51001',
    msg: "Instrument ID, Instrument ID code, or Spread ID doesn't exist.",
    data: [],
  })
}

function instId({ instrument: { base, quote, kind } }: BookEntry): string {
  return kind === 'spot' ? `${base}-${quote}` : `${base}-${quote}-SWAP`
}

function instType({ instrument }: BookEntry): string {
  return instrument.kind === 'spot' ? 'SPOT' : 'SWAP'
}

function ticker(entry: BookEntry): Json {
  const last = text(entry.last)
  return {
    instType: instType(entry),
    instId: instId(entry),
    last,
    lastSz: entry.last ? size : '',
    askPx: text(entry.ask),
    askSz: entry.ask ? size : '',
    bidPx: text(entry.bid),
    bidSz: entry.bid ? size : '',
    open24h: last,
    high24h: last,
    low24h: last,
    volCcy24h: '1000',
    vol24h: '1000',
    ts: String(entry.quoteAt),
    sodUtc0: last,
    sodUtc8: last,
  }
}

function mark(entry: BookEntry): Json {
  return {
    instType: instType(entry),
    instId: instId(entry),
    markPx: text(middle(entry)),
    ts: String(entry.quoteAt),
  }
}

function indexTicker(entry: BookEntry): Json {
  return { instId: instId(entry), idxPx: text(middle(entry)), ts: String(entry.quoteAt) }
}

function books(entry: BookEntry): Json {
  return {
    asks: entry.ask ? [[text(entry.ask), size, '0', '1']] : [],
    bids: entry.bid ? [[text(entry.bid), size, '0', '1']] : [],
    ts: String(entry.quoteAt),
  }
}
