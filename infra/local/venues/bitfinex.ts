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
import { tradeId } from './words.ts'

/** Bitfinex: rows of numbers by position, funding rows among them, no time. */
export const bitfinex: VenueSimulator = {
  name: 'bitfinex',
  answer,
  tooMany: refused(429, ['error', 11010, 'ratelimit: error']),
}

function answer({ path, query }: SimulatedRequest, { entries }: Book): SimulatedAnswer {
  if (path === '/v2/platform/status') return ok([1])
  if (path === '/v2/tickers') return ok(tickers(entries, query.get('symbols') ?? ''))
  const [, version, what, symbol, part] = path.split('/')
  const entry = entryOf(entries, symbolOf, symbol)
  if (version !== 'v2') return notFound()
  if (what === 'ticker') return entry ? ok(numbers(entry)) : unknownSymbol()
  if (what === 'trades' && part === 'hist') return ok(entry ? trades(entry) : [])
  return notFound()
}

function unknownSymbol(): SimulatedAnswer {
  return refused(500, ['error', 10020, 'symbol: invalid'])
}

/** Unknown symbols are left out without a word. */
function tickers(entries: readonly BookEntry[], symbols: string): Json {
  if (symbols === 'ALL')
    return [fundingRow, ...entries.map((entry) => [symbolOf(entry), ...numbers(entry)])]
  return symbols
    .split(',')
    .map((symbol) => entryOf(entries, symbolOf, symbol))
    .filter((entry) => entry !== undefined)
    .map((entry) => [symbolOf(entry), ...numbers(entry)])
}

/** Rates of a loan market, not prices: FRR, bid, bid period, bid size, ask, ask period, ask size, … */
const fundingRow = [
  'fUSD',
  0.0003,
  0.0004,
  30,
  1000,
  0.0003,
  2,
  1000,
  0,
  0,
  0.0003,
  1000,
  0.0004,
  0.0003,
]

const ownNames: Readonly<Record<string, string>> = { USDT: 'UST', USDC: 'UDC' }

/** A colon stands between codes where one has more than three letters. */
function symbolOf({ instrument }: BookEntry): string {
  const base = ownNames[instrument.base] ?? instrument.base
  const quote = ownNames[instrument.quote] ?? instrument.quote
  if (instrument.kind === 'perpetual') return `t${base}F0:${quote}F0`
  return base.length > 3 || quote.length > 3 ? `t${base}:${quote}` : `t${base}${quote}`
}

function numbers(entry: BookEntry): readonly Json[] {
  const last = entry.last ?? null
  return [entry.bid ?? null, 1.5, entry.ask ?? null, 1.5, 0, 0, last, 1000, last, last]
}

function trades(entry: BookEntry): Json {
  if (!entry.last) return []
  return [[tradeId(entry), entry.lastTradeAt, 1.5, entry.last]]
}
