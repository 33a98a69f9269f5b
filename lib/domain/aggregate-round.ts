import { type Conversions, conversionOf } from './conversion.ts'
import type { Feed, Feeds } from './feed.ts'
import { feedKey, sourceKey } from './memory-keys.ts'
import { everyTime, type Once } from './once.ts'
import { type FeedMemory, priceFeed } from './price-feed.ts'
import type { FeedResult, PriceMemory, PriceRound } from './price-round.ts'
import type { Quote } from './quote.ts'
import type { QuotesByKey } from './read-source.ts'
import type { Timestamp } from './time.ts'

/** One round of one node. */
type RoundLook = {
  readonly round: number
  readonly feeds: Feeds
  /** In any order. Those of sources that no feed has are left out. */
  readonly quotes: readonly Quote[]
  /** Of the round before; undefined for the first of all. */
  readonly memory: PriceMemory | undefined
  readonly now: Timestamp
  /** Shared by those who price the same quotes, with the same memory at the same time, by other rules. */
  readonly once?: Once
}

/**
 * Prices every feed: legs first, each with its own quorum, then the markets, whose sources count in USD by the legs'
 * prices of this same round. Pure: the same look gives the same round, and nothing of what is no longer configured is kept.
 */
export function priceRound({
  round,
  feeds,
  quotes,
  memory,
  now,
  once = everyTime,
}: RoundLook): PriceRound {
  const newest = once('newest quotes', '', () => newestByKey(quotes))
  const world = { families: feeds.families, quotes: newest, round, now, once }
  const legs = Object.entries(feeds.legs).map(([currency, leg]) => {
    const key = feedKey({ feed: leg.feed, role: 'leg' })
    const { haltBelow } = leg
    // A leg's sources are quoted in USD: one that needed a leg could depend on itself.
    const own = { feed: leg, haltBelow, conversions: {}, memory: recall(memory, key) }
    return { currency, key, ...priceFeed({ ...world, ...own }) }
  })
  const conversions: Conversions = Object.fromEntries(
    legs.map(({ currency, result }) => [currency, conversionOf(result)]),
  )
  const markets = feeds.markets.map((feed: Feed) => {
    const key = feedKey({ feed: feed.feed, role: 'market' })
    const own = { feed, haltBelow: undefined, conversions, memory: recall(memory, key) }
    return { key, ...priceFeed({ ...world, ...own }) }
  })
  const all: readonly Priced[] = [...markets, ...legs]
  return { round, at: now, feeds: all.map(({ result }) => result), memory: remember(all) }
}

type Priced = { readonly key: string; readonly result: FeedResult; readonly memory: FeedMemory }

/** One quote per source. Where there are more, the one that arrived last; of two at once the same one in any order. */
function newestByKey(quotes: readonly Quote[]): QuotesByKey {
  const newest = new Map<string, Quote>()
  for (const quote of quotes) {
    const key = sourceKey(quote.venue, quote.instrument)
    const other = newest.get(key)
    if (!other || isNewer(quote, other)) newest.set(key, quote)
  }
  return newest
}

function isNewer(one: Quote, other: Quote): boolean {
  if (one.receivedAt !== other.receivedAt) return one.receivedAt > other.receivedAt
  return JSON.stringify(one) > JSON.stringify(other)
}

function recall(memory: PriceMemory | undefined, key: string): FeedMemory {
  return {
    tuples: memory?.tuples[key],
    accepted: memory?.accepted[key],
    held: memory?.held[key],
  }
}

function remember(all: readonly Priced[]): PriceMemory {
  const of = <T>(pick: (memory: FeedMemory) => T | undefined): Readonly<Record<string, T>> =>
    Object.fromEntries(
      all.flatMap(({ key, memory }) => {
        const value = pick(memory)
        return value === undefined ? [] : [[key, value]]
      }),
    )
  return {
    tuples: of(({ tuples }) => tuples),
    accepted: of(({ accepted }) => accepted),
    held: of(({ held }) => held),
  }
}
