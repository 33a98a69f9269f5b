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
import { text } from './words.ts'

/** Gemini: one request per symbol, in lower case; the time is inside the volume. */
export const gemini: VenueSimulator = {
  name: 'gemini',
  answer,
  tooMany: refused(429, {
    result: 'error',
    reason: 'RateLimit',
    message: 'Requests were made too frequently',
  }),
}

function answer({ path }: SimulatedRequest, { entries }: Book): SimulatedAnswer {
  if (path === '/v1/symbols') return ok(entries.map(symbolOf))
  if (path === '/v1/pricefeed') return ok(entries.map(feedRow))
  const [, version, what, symbol] = path.split('/')
  const entry = entryOf(entries, symbolOf, symbol?.toLowerCase())
  if (version === 'v1' && what === 'pubticker')
    return entry ? ok(pubticker(entry)) : unknown(symbol)
  if (version === 'v2' && what === 'ticker') return entry ? ok(ticker(entry)) : unknown(symbol)
  return notFound()
}

function unknown(symbol: string | undefined): SimulatedAnswer {
  const message = `Supplied value '${symbol ?? ''}' is not a valid symbol`
  return refused(400, { result: 'error', reason: 'InvalidSymbol', message })
}

function symbolOf(entry: BookEntry): string {
  const suffix = entry.instrument.kind === 'spot' ? '' : 'perp'
  return `${joined(entry).toLowerCase()}${suffix}`
}

function pubticker(entry: BookEntry): Json {
  const { base, quote } = entry.instrument
  return {
    bid: entry.bid?.toFixed() ?? null,
    ask: entry.ask?.toFixed() ?? null,
    volume: { [base]: '1000', [quote]: '1000', timestamp: entry.quoteAt },
    last: entry.last?.toFixed() ?? null,
  }
}

function ticker(entry: BookEntry): Json {
  const last = text(entry.last)
  return {
    symbol: symbolOf(entry).toUpperCase(),
    open: last,
    high: last,
    low: last,
    close: last,
    changes: [],
    bid: entry.bid?.toFixed() ?? null,
    ask: entry.ask?.toFixed() ?? null,
  }
}

function feedRow(entry: BookEntry): Json {
  return {
    pair: symbolOf(entry).toUpperCase(),
    price: text(entry.last, '0'),
    percentChange24h: '0.0000',
  }
}
