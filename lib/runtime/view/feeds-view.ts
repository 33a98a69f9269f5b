import { Decimal } from '../../domain/decimal.ts'
import { priceQuality } from '../../domain/price-quality.ts'
import type { FeedResult } from '../../domain/price-round.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { Network } from '../network/schema.ts'
import { type MarkView, markView } from './mark-view.ts'
import type { NodePrices } from './node-prices.ts'
import { type PostedView, postedView } from './posted-view.ts'
import { type SourceView, sourceView } from './source-view.ts'
import type { Watch } from './watch-view.ts'

/** A market or a conversion leg: its price, what it is made of, and what the engines were told. */
export type FeedView = {
  readonly feed: string
  readonly role: 'market' | 'leg'
  /** Least agreeing sources for a price. */
  readonly minSources: number
  readonly mark: MarkView
  readonly nodes: readonly NodeFeedView[]
  /** One per engine that lists the market. */
  readonly posted: readonly PostedView[]
}

/** What one oracle node made of the feed in its newest round. */
export type NodeFeedView = {
  readonly node: string
  readonly round: number
  readonly at: number
  readonly ageMs: number
  readonly outcome: OutcomeView
  readonly quality: QualityView
  readonly sources: readonly SourceView[]
}

/** How far what came of the round is to be trusted; bps with one decimal. */
type QualityView = {
  readonly agreeing: number
  readonly sources: number
  /** How far apart the sources that agree are; undefined without a median. */
  readonly dispersionBps: string | undefined
  /** Undefined without a price. */
  readonly confidenceBps: string | undefined
  /** How old the oldest input was when the round was made; undefined without a price. */
  readonly inputAgeMs: number | undefined
}

type OutcomeView =
  | {
      readonly kind: 'price'
      readonly price: string
      readonly confidence: string
      /** How many sources agree. */
      readonly agreeing: number
      readonly oldestInputAt: number
    }
  | {
      readonly kind: 'hold'
      readonly reason: string
      readonly detail: string
      readonly median: string
      readonly rounds: number
    }
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: string }

export function feedsView(look: {
  readonly network: Network
  readonly nodes: readonly NodePrices[]
  readonly watch: Watch | undefined
  readonly now: Timestamp
}): readonly FeedView[] {
  const { network, nodes, watch, now } = look
  const of = (feed: string, role: FeedView['role'], minSources: number): FeedView => {
    const mark = markView({ feed, network, nodes, now })
    const price = mark.kind === 'price' ? new Decimal(mark.price) : undefined
    return {
      feed,
      role,
      minSources,
      mark,
      nodes: nodes.flatMap((one) => nodeFeedView(one, feed, now)),
      posted:
        role === 'market' ? postedView({ market: feed, network, watch, mark: price, now }) : [],
    }
  }
  return [
    ...Object.entries(network.markets).map(([feed, one]) => of(feed, 'market', one.minSources)),
    ...Object.entries(network.legs).map(([feed, one]) => of(feed, 'leg', one.minSources)),
  ]
}

function nodeFeedView(
  { node, round }: NodePrices,
  feed: string,
  now: Timestamp,
): readonly NodeFeedView[] {
  const result = round.feeds.find((one) => one.feed === feed)
  if (!result) return []
  const middle = middleOf(result)
  return [
    {
      node,
      round: round.round,
      at: round.at,
      ageMs: Math.max(0, now - round.at),
      outcome: outcomeView(result),
      quality: qualityView(result, round.at),
      sources: result.sources.map((source) => sourceView(source, { middle, judgedAt: round.at })),
    },
  ]
}

/** What sources are compared with; undefined where there is no median. */
function middleOf({ outcome }: FeedResult): Decimal | undefined {
  switch (outcome.kind) {
    case 'price':
      return outcome.price
    case 'hold':
      return outcome.median
    case 'refused':
      return undefined
  }
}

function qualityView(result: FeedResult, at: Timestamp): QualityView {
  const { dispersionBps, confidenceBps, ...counts } = priceQuality(result, at)
  return {
    ...counts,
    dispersionBps: dispersionBps?.toFixed(1),
    confidenceBps: confidenceBps?.toFixed(1),
  }
}

function outcomeView({ outcome }: FeedResult): OutcomeView {
  switch (outcome.kind) {
    case 'price': {
      const { kind, price, confidence, oldestInputAt, sources } = outcome
      return {
        kind,
        price: price.toFixed(),
        confidence: confidence.toFixed(),
        agreeing: sources,
        oldestInputAt,
      }
    }
    case 'hold': {
      const { kind, reason, detail, median, rounds } = outcome
      return { kind, reason, detail, median: median.toFixed(), rounds }
    }
    case 'refused':
      return { kind: outcome.kind, reason: outcome.reason, detail: outcome.detail }
  }
}
