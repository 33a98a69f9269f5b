import type { Listing, MarketModel, VenueQuote } from '../../infra/local/market/market.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import type { Feed, Feeds, Leg, Source } from '../../lib/domain/feed.ts'
import { instrumentName, parseInstrument } from '../../lib/domain/instrument.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import { timestamp, type Timestamp } from '../../lib/domain/time.ts'
import { aggregationDefaults } from '../../lib/runtime/network/aggregation.ts'

/** Venues with a batch, as an operator would choose them: a tick with one request per market would measure those. */
const inDollars = ['kraken', 'bitstamp', 'crypto-com']
const inTether = 'binance okx bybit kucoin gate bitget mexc binanceus bitfinex htx'.split(' ')
const perpetualsInTether = ['binance-futures', 'kucoin-futures', 'hyperliquid']

/** Of those in Tether each market has so many, in turn: all are asked, each for about half of the markets. */
const convertedSources = 7

/** Most of these answer for one market at a time, and for some a second: the first markets have them beside the others. */
const spotOneByOne = ['coinbase', 'gemini']
const perpetualsInDollars = ['deribit', 'kraken-futures']
const marketsOneByOne = 5

/** `count` markets in dollars of ten sources or more each, of all venues, and Tether's price in dollars. */
export function benchFeeds(count: number): Feeds {
  const usdt: Leg = {
    feed: parseMarket('USDT-USD'),
    sources: sourcesOf(inDollars, 'USDT-USD'),
    minSources: 3,
    rules: aggregationDefaults.stable,
    warnBandBps: 50,
    haltBelow: new Decimal('0.95'),
  }
  return { markets: assets(count).map(feedOf), legs: { USDT: usdt }, families: {} }
}

function assets(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `B${index}`)
}

function feedOf(asset: string, index: number): Feed {
  const converted = [
    ...sourcesOf(inTether, `${asset}-USDT`),
    ...sourcesOf(perpetualsInTether, `${asset}-USDT-PERP`),
  ]
  const first = (index * convertedSources) % converted.length
  const alone = index < marketsOneByOne
  return {
    feed: parseMarket(`${asset}-USD`),
    sources: [
      ...sourcesOf(inDollars, `${asset}-USD`),
      ...[...converted, ...converted].slice(first, first + convertedSources),
      ...(alone ? sourcesOf(spotOneByOne, `${asset}-USD`) : []),
      ...(alone ? sourcesOf(perpetualsInDollars, `${asset}-USD-PERP`) : []),
    ],
    minSources: 7,
    rules: aggregationDefaults.major,
  }
}

function sourcesOf(venues: readonly string[], instrument: string): readonly Source[] {
  return venues.map((venue) => ({ venue, instrument: parseInstrument(instrument) }))
}

export function sourcesIn({ markets, legs }: Feeds): readonly Source[] {
  return [...markets, ...Object.values(legs)].flatMap(({ sources }) => sources)
}

/** What those venues show: always the same, so that every run prices the same. */
export function benchMarket(count: number): MarketModel {
  const listings: readonly Listing[] = sourcesIn(benchFeeds(count))
  const middles = new Map(
    listings.map((listing, index) => [keyOf(listing), middleOf(listing, index)]),
  )
  return {
    covers: () => listings,
    quote(venue, instrument, at) {
      const middle = middles.get(keyOf({ venue, instrument }))
      return middle && quoteAround(middle, at)
    },
  }
}

function keyOf({ venue, instrument }: Listing): string {
  return `${venue} ${instrumentName(instrument)}`
}

/** Venues are up to nine tenths of a basis point apart. */
function middleOf({ instrument: { base } }: Listing, index: number): Decimal {
  const usd = base === 'USDT' ? 1 : 5 + Number(base.slice(1)) * 317
  return new Decimal(usd).mul(new Decimal(100_000 + (index % 10)).div(100_000)).toDecimalPlaces(6)
}

function quoteAround(middle: Decimal, at: Timestamp): VenueQuote {
  const half = middle.mul('0.00005').toDecimalPlaces(6, Decimal.ROUND_UP)
  return {
    bid: middle.sub(half),
    ask: middle.add(half),
    last: middle,
    lastTradeAt: timestamp(at - 900),
    quoteAt: timestamp(at - 200),
  }
}
