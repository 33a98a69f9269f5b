import { priceRound } from '../domain/aggregate-round.ts'
import type { Feed, Feeds, Source } from '../domain/feed.ts'
import { instrumentName } from '../domain/instrument.ts'
import { everyTime, type Once } from '../domain/once.ts'
import { priceQuality } from '../domain/price-quality.ts'
import type { FeedResult, PriceMemory, PriceRound } from '../domain/price-round.ts'
import type { Quote } from '../domain/quote.ts'
import type { Report } from '../domain/report.ts'
import { timestamp, type Timestamp, unixSeconds } from '../domain/time.ts'
import type { Clock, QuoteSource, Store, VenueFailure, VenueRests } from '../ports.ts'
import type { Decision, Keeper } from './keeper.ts'
import {
  type PriceSnapshot,
  PriceSnapshotError,
  readPriceSnapshot,
  writePriceSnapshot,
} from './price-snapshot.ts'

export type PublishView = {
  readonly node: string
  readonly round: number
  readonly now: Timestamp
  readonly feeds: Feeds
  readonly configHashes: Readonly<Record<string, `0x${string}`>>
  readonly quotes: readonly Quote[]
  readonly failures: readonly VenueFailure[]
  readonly memory: PriceMemory | undefined
  /** Absent where no venue asked to be left alone. */
  readonly rests?: VenueRests
}

/** One oracle node's round: ask every venue, make a price of every feed, sign and publish what may be published. */
export function publishPrices(world: {
  readonly clock: Clock
  readonly quotes: QuoteSource
  readonly store: Pick<Store, 'prices'>
  readonly feeds: Feeds
  /** By market: which sources and thresholds make its price. */
  readonly configHashes: Readonly<Record<string, `0x${string}`>>
  /** Feeds that are decided on beside these: their sources are asked too, and count in theirs alone. */
  readonly beside?: readonly Feeds[]
}): Keeper<PublishView> {
  const { clock, feeds, configHashes, beside = [] } = world
  const wanted = sourcesOf([feeds, ...beside])
  return {
    job: 'publish-prices',
    async observe({ subject: node, slot: round }) {
      // Before venues are asked: what they told another process holds for this one too.
      const before = await snapshotOf(world.store, node)
      const asked = await world.quotes.latest(wanted, before?.rests)
      const memory = before?.memory
      return { node, round, now: clock.now(), feeds, configHashes, memory, ...asked }
    },
    settings: { feeds, configHashes },
    decide: (view, once) => decidePublish({ ...view, feeds, configHashes }, once),
    recorded: ({ feeds: _feeds, ...view }) => view,
    kept: ({ feeds: _feeds, configHashes: _hashes, ...view }) => view,
  }
}

/** Reports for the markets that have a price now, and what the next round must know of this one. */
export function decidePublish(view: PublishView, once: Once = everyTime): Decision {
  const { node, round, now, feeds, quotes, memory } = view
  const prices = priceRound({ round, feeds, quotes, memory, now, once })
  const markets = prices.feeds.filter(({ role }) => role === 'market')
  const reports = markets.flatMap((result) => reportOf(view, result))
  return {
    actions: [
      {
        kind: 'publish-reports',
        node,
        round,
        reports,
        snapshot: writePriceSnapshot(prices, view.rests, once),
        qualities: prices.feeds.map((one) =>
          once('quality', one, () => ({ feed: one.feed, ...priceQuality(one, now) })),
        ),
      },
    ],
    outcome: outcomeOf(prices, reports),
    recorded: { feeds: prices.feeds },
  }
}

function reportOf(view: PublishView, { feed, outcome }: FeedResult): readonly Report[] {
  const configHash = view.configHashes[feed]
  if (outcome.kind !== 'price' || configHash === undefined) return []
  const { price, oldestInputAt, sources } = outcome
  const observedAt = timestamp(unixSeconds(view.now) * 1000)
  return [{ feed, round: view.round, price, observedAt, oldestInputAt, sources, configHash }]
}

/** Of hundreds of markets a line tells the first ones. */
const toldMarkets = 8

function outcomeOf({ feeds }: PriceRound, reports: readonly Report[]): Decision['outcome'] {
  const without = feeds.flatMap(({ feed, outcome }) =>
    outcome.kind === 'price' ? [] : [{ feed, reason: outcome.reason, detail: outcome.detail }],
  )
  const why = without.map(({ feed, detail }) => `${feed}: ${detail}`)
  const [first] = without
  if (reports.length === 0 && first)
    return { kind: 'refused', reason: first.reason, detail: why.join('; ') }
  const prices = reports
    .slice(0, toldMarkets)
    .map(({ feed, price, sources }) => `${feed} ${price.toSD(7).toString()} from ${sources}`)
  const more = reports.length > toldMarkets ? [`${reports.length - toldMarkets} more`] : []
  return {
    kind: 'done',
    reason: 'published',
    detail: [[...prices, ...more].join(', '), ...why].join('; '),
  }
}

/** What the last round left. One of another version is none: the guards begin anew. */
async function snapshotOf(
  { prices }: Pick<Store, 'prices'>,
  node: string,
): Promise<PriceSnapshot | undefined> {
  const stored = await prices.read(node)
  if (!stored) return undefined
  try {
    return readPriceSnapshot(stored.snapshot)
  } catch (error) {
    if (error instanceof PriceSnapshotError) return undefined
    throw error
  }
}

/** Every source of every feed, each once. */
function sourcesOf(feeds: readonly Feeds[]): readonly Source[] {
  const all = feeds
    .flatMap(({ markets, legs }) => [...markets, ...Object.values<Feed>(legs)])
    .flatMap(({ sources }) => sources)
  const byName = new Map(
    all.map((source) => [`${source.venue}:${instrumentName(source.instrument)}`, source]),
  )
  return [...byName.values()]
}
