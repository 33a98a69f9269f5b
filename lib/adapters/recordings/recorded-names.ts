import { type Instrument, parseInstrument } from '../../domain/instrument.ts'

export type Listing = { readonly venue: string; readonly instrument: Instrument }

/** Recorders' names for venues, and ours. What is not here is not a venue whose API is simulated, or not a linear market. */
const venues: Readonly<Record<string, { name: string; kind: 'spot' | 'perpetual' }>> = {
  binance: { name: 'binance', kind: 'spot' },
  'binance-spot': { name: 'binance', kind: 'spot' },
  'binance-usdm': { name: 'binance-futures', kind: 'perpetual' },
  binanceus: { name: 'binanceus', kind: 'spot' },
  bitfinex: { name: 'bitfinex', kind: 'spot' },
  bitstamp: { name: 'bitstamp', kind: 'spot' },
  bybit: { name: 'bybit', kind: 'spot' },
  'bybit-linear': { name: 'bybit', kind: 'perpetual' },
  coinbase: { name: 'coinbase', kind: 'spot' },
  cryptocom: { name: 'crypto-com', kind: 'spot' },
  gate: { name: 'gate', kind: 'spot' },
  gemini: { name: 'gemini', kind: 'spot' },
  htx: { name: 'htx', kind: 'spot' },
  kraken: { name: 'kraken', kind: 'spot' },
  kucoin: { name: 'kucoin', kind: 'spot' },
  mexc: { name: 'mexc', kind: 'spot' },
  okx: { name: 'okx', kind: 'spot' },
}

/** The longest first: a symbol that ends in USDT does not end in a base's T. */
const quotes = ['USDT', 'USDC', 'BUSD', 'USD', 'EUR', 'GBP', 'BTC']

/** What a recording's venue and symbol mean; undefined where no simulated venue trades such a thing. */
export function recordedListing(venue: string, symbol: string): Listing | undefined {
  const ours = venues[venue]
  const pair = pairOf(symbol)
  if (!ours || !pair) return undefined
  const [base, quote] = pair
  return { venue: ours.name, instrument: { base, quote, kind: ours.kind } }
}

function pairOf(symbol: string): readonly [string, string] | undefined {
  const parts = symbol.split(/[/_-]/)
  const [base, quote] = parts.length === 1 ? cut(symbol) : parts
  if (!base || !quote || parts.length > 2) return undefined
  return [common(base), common(quote)]
}

function cut(symbol: string): readonly string[] {
  const quote = quotes.find((end) => symbol.endsWith(end) && symbol.length > end.length)
  return quote ? [symbol.slice(0, -quote.length), quote] : []
}

/** Kraken and BitMEX write XBT. */
function common(asset: string): string {
  return asset === 'XBT' ? 'BTC' : asset
}

/** A recording may also use our own names: `kraken`, `BTC-USD`, `BTC-USDT-PERP`. */
export function ownListing(venue: string, symbol: string): Listing | undefined {
  if (!/^[a-z0-9-]+$/.test(venue)) return undefined
  if (!/^[A-Z0-9]+-[A-Z0-9]+(-PERP)?$/.test(symbol)) return undefined
  return { venue, instrument: parseInstrument(symbol) }
}
