import type { Instrument } from '../../../lib/domain/instrument.ts'
import type { MarketModel } from '../market/market.ts'

/**
 * What an exchange of perpetuals shows that is no venue of the market: each asset that has a spot price anywhere, as a perpetual
 * with its mark, and as the spot price that is its index. Of several venues the first one's price in dollars counts.
 */
export function publishedMarket(market: MarketModel, name: string): MarketModel {
  const spot = market.covers().filter(({ instrument: { kind } }) => kind === 'spot')
  const sources = new Map(
    [
      ...spot.filter(({ instrument: { quote } }) => quote === 'USD'),
      ...spot.filter(({ instrument: { quote } }) => stable.has(quote)),
    ]
      .toReversed()
      .map((listing) => [listing.instrument.base, listing]),
  )
  return {
    quote(venue, { base }, at) {
      const source = sources.get(base)
      if (venue !== name || !source) return undefined
      return market.quote(source.venue, source.instrument, at)
    },
    covers: () =>
      [...sources.keys()].flatMap((base) =>
        (['perpetual', 'spot'] as const).map((kind) => {
          const instrument: Instrument = { base, quote: 'USD', kind }
          return { venue: name, instrument }
        }),
      ),
  }
}

/** Taken for dollars where a recording has nothing better. */
const stable: ReadonlySet<string> = new Set(['USDT', 'USDC'])
