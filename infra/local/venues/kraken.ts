import { ok } from './json.ts'
import type { Json } from './json.ts'
import { notFound } from './symbols.ts'
import type {
  Book,
  BookEntry,
  SimulatedAnswer,
  SimulatedRequest,
  VenueSimulator,
} from './venue-simulator.ts'
import { iso, padded, paddedSize, size, spot, text } from './words.ts'

/** Kraken spot: errors come with status 200, and no answer has a time. */
export const kraken: VenueSimulator = {
  name: 'kraken',
  answer,
  tooMany: { ...failure('EAPI:Rate limit exceeded'), status: 429 },
}

function answer({ path, query }: SimulatedRequest, book: Book): SimulatedAnswer {
  const entries = spot(book.entries)
  switch (path) {
    case '/0/public/Time':
      return success({
        unixtime: Math.floor(book.now / 1000),
        rfc1123: new Date(book.now).toUTCString(),
      })
    case '/0/public/SystemStatus':
      return success({ status: 'online', timestamp: iso(book.now).replace(/\.\d+Z/, 'Z') })
    case '/0/public/AssetPairs':
      return forPairs(entries, query.get('pair'), assetPair)
    case '/0/public/Ticker':
      return forPairs(entries, query.get('pair'), ticker)
    case '/0/public/Depth':
      if (query.get('pair') === null) return failure('EGeneral:Invalid arguments')
      return forPairs(entries, query.get('pair'), depth)
    default:
      return path.startsWith('/0/') ? failure('EGeneral:Unknown method') : notFound()
  }
}

function success(result: Json): SimulatedAnswer {
  return ok({ error: [], result })
}

function failure(error: string): SimulatedAnswer {
  return ok({ error: [error] })
}

/** Keyed by canonical name, whatever name was asked for. One unknown pair fails the whole request. */
function forPairs(
  entries: readonly BookEntry[],
  wanted: string | null,
  write: (entry: BookEntry) => Json | undefined,
): SimulatedAnswer {
  const found =
    wanted === null
      ? entries
      : wanted.split(',').map((name) => entries.find((entry) => namesOf(entry).includes(name)))
  const known = found.filter((entry) => entry !== undefined)
  if (known.length < found.length) return failure('EQuery:Unknown asset pair')
  return success(Object.fromEntries(known.map((entry) => [canonical(entry), write(entry)])))
}

/** Kraken's own words for some assets. */
const ownNames: Readonly<Record<string, string>> = { BTC: 'XBT', DOGE: 'XDG' }
/** The oldest assets have a letter before their name wherever two of the old ones meet. */
const oldCoins = new Set(['XBT', 'ETH', 'LTC', 'XRP', 'XLM', 'XMR', 'ZEC', 'ETC', 'REP', 'MLN'])
const oldMoney = new Set(['USD', 'EUR', 'GBP', 'CAD', 'JPY'])

function own(asset: string): string {
  return ownNames[asset] ?? asset
}

function altname({ instrument: { base, quote } }: BookEntry): string {
  return `${own(base)}${own(quote)}`
}

function canonical(entry: BookEntry): string {
  const base = own(entry.instrument.base)
  const quote = own(entry.instrument.quote)
  if (base === 'USDT' && quote === 'USD') return 'USDTZUSD'
  if (oldCoins.has(base) && oldMoney.has(quote)) return `X${base}Z${quote}`
  if (oldCoins.has(base) && oldCoins.has(quote)) return `X${base}X${quote}`
  return `${base}${quote}`
}

function wsname({ instrument: { base, quote } }: BookEntry): string {
  return `${own(base)}/${own(quote)}`
}

function namesOf(entry: BookEntry): readonly string[] {
  return [altname(entry), canonical(entry), wsname(entry)]
}

function assetPair(entry: BookEntry): Json {
  return { altname: altname(entry), wsname: wsname(entry), status: 'online' }
}

function ticker(entry: BookEntry): Json {
  const last = padded(entry.last, 5)
  return {
    a: [padded(entry.ask, 5), '1', '1.000'],
    b: [padded(entry.bid, 5), '1', '1.000'],
    c: [last, paddedSize],
    v: ['1000.00000000', '1000.00000000'],
    p: [last, last],
    t: [1000, 1000],
    l: [last, last],
    h: [last, last],
    o: last,
  }
}

/** The third value of a level is when it last changed, in whole seconds. */
function depth(entry: BookEntry): Json {
  const since = Math.floor(entry.quoteAt / 1000)
  return {
    asks: entry.ask ? [[text(entry.ask), size, since]] : [],
    bids: entry.bid ? [[text(entry.bid), size, since]] : [],
  }
}
