import { instrumentName } from '../../lib/domain/instrument.ts'
import type { Network, NetworkLeg, NetworkMarket } from '../../lib/runtime/network/schema.ts'
import type { Listing } from './market/market.ts'

/** A feed as the network file writes it. */
type FileFeed = {
  readonly sources: readonly string[]
  readonly minSources: number
  readonly aggregation: { readonly minFamilies: number; readonly minDirectUsd: number }
}

export type LocalFeeds = {
  readonly markets: Readonly<Record<string, FileFeed>>
  readonly legs: Readonly<Record<string, FileFeed>>
  /** Markets of the template that cannot be priced, and why. */
  readonly missing: readonly string[]
}

/**
 * What of the template's markets a recording can price, from every spot source that it has and a reader knows.
 * Minimums that its sources cannot meet come down to what they can; two sources are the least.
 */
export function feedsCovered(
  template: Network,
  covered: readonly Listing[],
  knownVenues: readonly string[],
): LocalFeeds {
  const spot = covered.filter(
    ({ venue, instrument }) => instrument.kind === 'spot' && knownVenues.includes(venue),
  )
  const feedOf = (symbol: string, feed: NetworkMarket | NetworkLeg, quotes: readonly string[]) =>
    fileFeed(
      feed,
      spot.filter(
        ({ instrument: { base, quote } }) =>
          base === symbol.split('-')[0] && quotes.includes(quote),
      ),
      template,
    )
  const legs = present(template.legs, (symbol, leg) => feedOf(symbol, leg, ['USD']))
  const quotes = ['USD', ...Object.keys(legs).map((symbol) => symbol.split('-')[0] ?? '')]
  const markets = present(template.markets, (symbol, market) => feedOf(symbol, market, quotes))
  const missing = Object.keys(template.markets).filter((symbol) => !(symbol in markets))
  return { markets, legs, missing }
}

function present<T>(
  feeds: Readonly<Record<string, T>>,
  make: (symbol: string, feed: T) => FileFeed | undefined,
): Record<string, FileFeed> {
  return Object.fromEntries(
    Object.entries(feeds).flatMap(([symbol, feed]) => {
      const made = make(symbol, feed)
      return made ? [[symbol, made]] : []
    }),
  )
}

/** Undefined where fewer than two families tell of it: one cannot be checked by anybody. */
function fileFeed(
  { minSources, aggregation }: NetworkMarket | NetworkLeg,
  listings: readonly Listing[],
  template: Network,
): FileFeed | undefined {
  const families = new Set(listings.map(({ venue }) => familyOf(venue, template))).size
  if (families < 2) return undefined
  const direct = listings.filter(({ instrument }) => instrument.quote === 'USD').length
  return {
    sources: listings.map(({ venue, instrument }) => `${venue}:${instrumentName(instrument)}`),
    minSources: Math.min(minSources, direct >= enough ? direct : listings.length),
    aggregation: {
      minFamilies: Math.min(aggregation.minFamilies, families),
      minDirectUsd: Math.min(aggregation.minDirectUsd, direct),
    },
  }
}

/** So many sources in USD itself are asked for no more than they are: a conversion may halt while they go on. */
const enough = 3

function familyOf(venue: string, { families }: Network): string {
  return Object.entries(families).find(([, venues]) => venues.includes(venue))?.[0] ?? venue
}
