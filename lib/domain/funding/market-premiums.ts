import type { Decimal } from '../decimal.ts'
import { medianOf } from '../median.ts'
import type { FeedResult } from '../price-round.ts'
import { type Book, samplePremium } from './premium.ts'

/** What a node's round and the exchange itself show of its markets. */
export type PremiumsView = {
  readonly feeds: readonly FeedResult[]
  /** The exchange's own books, by market; those that cannot be read are absent. */
  readonly books: Readonly<Record<string, Book>>
  /** What the exchange reckons with, by market. */
  readonly posted: Readonly<Record<string, { readonly price: Decimal }>>
  /** By market; a market that is not in it has no premium. */
  readonly impactNotional: Readonly<Record<string, Decimal>>
}

/** A single venue's spot price is no index. */
const leastSpotSources = 2

/**
 * How far each market stands from its index, which is the median of the spot sources that agree. The exchange's own book
 * shows it best; then the perpetuals of other venues, then the price that the exchange was told last.
 */
export function marketPremiums(view: PremiumsView): Readonly<Record<string, Decimal>> {
  return Object.fromEntries(
    Object.entries(view.impactNotional).flatMap(([market, impactNotional]) => {
      const feed = view.feeds.find((one) => one.feed === market && one.role === 'market')
      if (!feed) return []
      const sample = samplePremium({
        index: indexOf(feed),
        book: view.books[market],
        impactNotional,
        mark: perpetualsOf(feed) ?? view.posted[market]?.price,
      })
      return sample.kind === 'premium' ? [[market, sample.premium] as const] : []
    }),
  )
}

function indexOf(feed: FeedResult): Decimal | undefined {
  const prices = agreeing(feed, 'spot')
  return prices.length < leastSpotSources ? undefined : medianOf(prices)
}

function perpetualsOf(feed: FeedResult): Decimal | undefined {
  const prices = agreeing(feed, 'perpetual')
  return prices.length === 0 ? undefined : medianOf(prices)
}

function agreeing({ sources }: FeedResult, kind: 'spot' | 'perpetual'): readonly Decimal[] {
  return sources.flatMap(({ instrument, verdict, price }) =>
    verdict === 'agrees' && price && instrument.endsWith('-PERP') === (kind === 'perpetual')
      ? [price]
      : [],
  )
}
