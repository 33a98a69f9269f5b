import { priceRound } from '../../lib/domain/aggregate-round.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import type { AggregationRules, Feed, Feeds, Leg, Source } from '../../lib/domain/feed.ts'
import { instrumentName, parseInstrument } from '../../lib/domain/instrument.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import type {
  FeedOutcome,
  FeedResult,
  PriceMemory,
  PriceRound,
  SourceResult,
} from '../../lib/domain/price-round.ts'
import type { Quote } from '../../lib/domain/quote.ts'
import { timestamp, type Timestamp } from '../../lib/domain/time.ts'

export const start = timestamp(1_790_000_000_000)

export function after(ms: number): Timestamp {
  return timestamp(start + ms)
}

export function usd(text: string | number): Decimal {
  return new Decimal(text)
}

/** Round numbers, so that a boundary is easy to hit; no gate on families or currencies. */
export const rules: AggregationRules = {
  maxQuoteAgeMs: 10_000,
  maxTradeAgeMs: 60_000,
  frozenAfterMs: 60_000,
  frozenMoveBps: 10,
  maxSpreadBps: 100,
  floorBps: 30,
  hardBandBps: 100,
  pairBandBps: 50,
  maxDispersionBps: 500,
  maxJumpBps: 500,
  minDirectUsd: 0,
  minFamilies: 1,
}

/** A source from `kraken:BTC-USD`. */
export function aSource(text: string): Source {
  const [venue = '', instrument = ''] = text.split(':')
  return { venue, instrument: parseInstrument(instrument) }
}

/** `price` on both sides and as the last trade, made just now. */
export function aQuote(source: string, price: string, over: Partial<Quote> = {}): Quote {
  const { venue, instrument } = aSource(source)
  return {
    venue,
    instrument: instrumentName(instrument),
    bid: usd(price),
    ask: usd(price),
    last: usd(price),
    timeKind: 'quote',
    venueTime: start,
    receivedAt: start,
    answeredAt: undefined,
    suspended: false,
    ...over,
  }
}

export function aFeed(
  sources: readonly string[],
  over: { feed?: string; minSources?: number; rules?: Partial<AggregationRules> } = {},
): Feed {
  return {
    feed: parseMarket(over.feed ?? 'BTC-USD'),
    sources: sources.map(aSource),
    minSources: over.minSources ?? 3,
    rules: { ...rules, ...over.rules },
  }
}

/** USDT-USD by three venues unless said otherwise. */
export function aLeg(
  over: {
    feed?: string
    sources?: readonly string[]
    minSources?: number
    rules?: Partial<AggregationRules>
    haltBelow?: string
  } = {},
): Leg {
  const feed = aFeed(over.sources ?? ['l1:USDT-USD', 'l2:USDT-USD', 'l3:USDT-USD'], {
    feed: 'USDT-USD',
    ...over,
  })
  return { ...feed, warnBandBps: 500, haltBelow: usd(over.haltBelow ?? '0.9') }
}

export function theFeeds(market: Feed, over: Partial<Feeds> = {}): Feeds {
  return { markets: [market], legs: {}, families: {}, ...over }
}

/** `v1:BTC-USD`, `v2:BTC-USD`, … */
export function venues(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `v${index + 1}:BTC-USD`)
}

/** One round over one price per source of a market; undefined where a source says nothing. */
export function roundOf(
  prices: readonly (string | undefined)[],
  over: {
    minSources?: number
    rules?: Partial<AggregationRules>
    memory?: PriceMemory
    round?: number
    now?: Timestamp
  } = {},
): PriceRound {
  const sources = venues(prices.length)
  const now = over.now ?? start
  return priceRound({
    round: over.round ?? 1,
    feeds: theFeeds(aFeed(sources, over)),
    quotes: prices.flatMap((price, index) =>
      price === undefined ? [] : [aQuote(sources[index] ?? '', price, { venueTime: now })],
    ),
    memory: over.memory,
    now,
  })
}

/** A memory in which the market's last price was accepted `agoMs` before the start. */
export function acceptedAt(price: string, agoMs = 10_000): PriceMemory {
  return { tuples: {}, accepted: { 'BTC-USD': { price, at: start - agoMs } }, held: {} }
}

export function feedOf(round: PriceRound, feed = 'BTC-USD'): FeedResult {
  const result = round.feeds.find((one) => one.feed === feed)
  if (!result) throw new RangeError(`the round has no ${feed}`)
  return result
}

export function outcomeOf(round: PriceRound, feed?: string): FeedOutcome {
  return feedOf(round, feed).outcome
}

/** `100.05`, `hold dispersion` or `refused too-few-agree`. */
export function inShort(round: PriceRound, feed?: string): string {
  const outcome = outcomeOf(round, feed)
  return outcome.kind === 'price' ? outcome.price.toFixed() : `${outcome.kind} ${outcome.reason}`
}

export function verdictsOf(round: PriceRound, feed?: string): readonly SourceResult['verdict'][] {
  return feedOf(round, feed).sources.map(({ verdict }) => verdict)
}
