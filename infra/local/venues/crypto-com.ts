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
import { size } from './words.ts'

/** Crypto.com: one-letter names; any price may be null. */
export const cryptoCom: VenueSimulator = {
  name: 'crypto-com',
  answer,
  tooMany: failure(429, 'public/get-tickers', 42901, 'RATE_LIMIT'),
}

const base = '/exchange/v1/'

function answer({ path, query }: SimulatedRequest, { entries }: Book): SimulatedAnswer {
  const method = path.startsWith(base) ? path.slice(base.length) : ''
  const wanted = query.get('instrument_name')
  const entry = entryOf(entries, nameOf, wanted)
  switch (method) {
    case 'public/get-tickers':
      if (wanted !== null && !entry) return unknown(method)
      return result(method, { data: (entry ? [entry] : entries).map(ticker) })
    case 'public/get-book':
      if (!entry) return unknown(method)
      return result(method, { depth: 1, data: [book(entry)], instrument_name: wanted })
    default:
      return method ? failure(404, method, 40401, 'NOT_FOUND') : notFound()
  }
}

function result(method: string, value: Json): SimulatedAnswer {
  return ok({ id: -1, method, code: 0, result: value })
}

function unknown(method: string): SimulatedAnswer {
  return failure(400, method, 30003, 'Invalid symbol')
}

function failure(status: number, method: string, code: number, message: string): SimulatedAnswer {
  return { status, body: json({ id: -1, method, code, message }) }
}

function nameOf(entry: BookEntry): string {
  const { base: asset, quote, kind } = entry.instrument
  return kind === 'spot' ? `${asset}_${quote}` : `${joined(entry)}-PERP`
}

function ticker(entry: BookEntry): Json {
  const last = entry.last?.toFixed() ?? null
  return {
    i: nameOf(entry),
    h: last,
    l: last,
    a: last,
    v: '1000',
    vv: '1000',
    c: '0.0000',
    b: entry.bid?.toFixed() ?? null,
    k: entry.ask?.toFixed() ?? null,
    oi: '0',
    t: entry.quoteAt,
  }
}

function book(entry: BookEntry): Json {
  return {
    bids: entry.bid ? [[entry.bid.toFixed(), size, '1']] : [],
    asks: entry.ask ? [[entry.ask.toFixed(), size, '1']] : [],
    t: entry.quoteAt,
  }
}
