import type { Conversions } from '../conversion.ts'
import type { Feeds, Source } from '../feed.ts'
import { feedKey } from '../memory-keys.ts'
import type { FeedMemory } from '../price-feed.ts'
import type { PriceMemory } from '../price-round.ts'
import { newestAt, type QuoteSeries } from '../recorded/quote-series.ts'
import type { Timestamp } from '../time.ts'
import { conversionBy, type FastFeed, openFastFeed, rateOf } from './fast-feed.ts'
import { fastSources } from './fast-source.ts'
import { type FeedPast, memoryOf, noPast } from './feed-past.ts'

/** Everything that one node prices, round by round over recorded series. */
export type FastRounds = {
  /** In the order of the feeds; the last round's results stand in them. */
  readonly markets: readonly FastFeed[]
  readonly legs: readonly { readonly currency: string; readonly last: FastFeed }[]
  /** Of markets, then of legs: by source the state that the last round looked at; -1 where none was known. */
  readonly rows: readonly Int32Array[]
  /** Of markets, then of legs: what they remember, to be kept and to begin with again. */
  readonly pasts: readonly FeedPast[]
  /** Goes on to what is known at a time, and decides nothing yet. */
  readonly seek: (now: Timestamp) => void
  /** Decides a round. Each is later than the one before it. */
  readonly decide: (round: number, now: Timestamp) => void
  /** How many states of sources the last round looked at. */
  readonly quotes: () => number
  /** What the exact rule would remember after the last round. */
  readonly memory: () => PriceMemory
}

type FastRoundsLook = {
  readonly feeds: Feeds
  /** Undefined where nothing was recorded of a source. */
  readonly seriesOf: (source: Source) => QuoteSeries | undefined
  /** Of an earlier run over the same series. */
  readonly pasts?: readonly FeedPast[]
}

/**
 * The rounds of `priceRound` over columns: legs first, each with its own quorum, then the markets by the legs' prices of this
 * same round. Results and memory are the exact rule's to the last digit (fast-feed.ts).
 */
export function openFastRounds({ feeds, seriesOf, pasts: before }: FastRoundsLook): FastRounds {
  const { families } = feeds
  const legs = Object.entries(feeds.legs)
  const currencies = legs.map(([currency]) => currency)
  const open = (
    feed: Feeds['markets'][number],
    at: number,
    own: { readonly haltBelow: (typeof legs)[number][1]['haltBelow'] | undefined },
  ) => {
    const isLeg = own.haltBelow !== undefined
    // A leg's sources are quoted in USD: one that needed a leg could depend on itself.
    const of = { families, currencies: isLeg ? [] : currencies, seriesOf }
    const sources = fastSources(feed, of)
    const past = before?.[at] ?? noPast(sources.length)
    const rows = openRows(sources.map(({ series }) => series))
    const key = feedKey({ feed: feed.feed, role: isLeg ? 'leg' : 'market' })
    return { key, sources, past, rows, ...openFastFeed({ feed, families, sources, ...own }, past) }
  }
  const openMarkets = feeds.markets.map((feed, at) => open(feed, at, { haltBelow: undefined }))
  const openLegs = legs.map(([, leg], at) =>
    open(leg, feeds.markets.length + at, { haltBelow: leg.haltBelow }),
  )
  const all = [...openMarkets, ...openLegs]
  const conversions = (): Conversions =>
    Object.fromEntries(
      openLegs.map(({ last }, at) => [currencies[at] ?? '', conversionBy(last)] as const),
    )

  return {
    markets: openMarkets.map(({ last }) => last),
    legs: openLegs.map(({ last }, at) => ({ currency: currencies[at] ?? '', last })),
    rows: all.map(({ rows }) => rows.last),
    pasts: all.map(({ past }) => past),
    seek(now) {
      for (const { rows } of all) rows.at(now)
    },
    decide(round, now) {
      for (const leg of openLegs)
        leg.decide({ round, now, rates: [], conversions: noConversions, rows: leg.rows.at(now) })
      const rates = openLegs.map(({ last }) => rateOf(last))
      for (const market of openMarkets)
        market.decide({ round, now, rates, conversions, rows: market.rows.at(now) })
    },
    quotes: () => all.reduce((sum, { rows }) => sum + rows.known(), 0),
    memory: () => ({
      tuples: by(all, ({ tuples }) => tuples),
      accepted: by(all, ({ accepted }) => accepted),
      held: by(all, ({ held }) => held),
    }),
  }
}

function noConversions(): Conversions {
  return {}
}

function by<T>(
  all: readonly (Pick<ReturnType<typeof openFastFeed>, 'last'> & {
    readonly key: string
    readonly past: FeedPast
  })[],
  pick: (memory: FeedMemory) => T | undefined,
): Readonly<Record<string, T>> {
  return Object.fromEntries(
    all.flatMap(({ key, past, last }) => {
      const value = pick(memoryOf(past, last.sources))
      return value === undefined ? [] : [[key, value]]
    }),
  )
}

/** Which state of each series is known: it only goes on. */
function openRows(series: readonly (QuoteSeries | undefined)[]) {
  const rows = new Int32Array(series.length).fill(-1)
  let isBegun = false
  let known = 0
  return {
    last: rows,
    known: () => known,
    at(now: number): Int32Array {
      known = 0
      for (const [at, one] of series.entries()) {
        if (!one) continue
        if (!isBegun) rows[at] = newestAt(one, now)
        let row = rows[at] ?? -1
        while (row + 1 < one.length && (one.knownAt[row + 1] ?? Infinity) <= now) row += 1
        rows[at] = row
        if (row >= 0) known += 1
      }
      isBegun = true
      return rows
    },
  }
}
