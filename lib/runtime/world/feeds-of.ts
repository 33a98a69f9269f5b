import { createHash } from 'node:crypto'

import type { Feed, Feeds } from '../../domain/feed.ts'
import { instrumentName } from '../../domain/instrument.ts'
import { parseMarket } from '../../domain/market.ts'
import { exactJson } from '../../keepers/exact-json.ts'
import type { Network, NetworkLeg, NetworkMarket } from '../network/schema.ts'

/** What a node prices, by the network file. Sources of venues that are switched off are in no feed. */
export function feedsOf({ markets, legs, families, venues }: Network): Feeds {
  const off = new Set(
    Object.entries(venues).flatMap(([name, { disabled }]) => (disabled ? name : [])),
  )
  const feed = (
    symbol: string,
    { sources, minSources, aggregation }: NetworkMarket | NetworkLeg,
  ): Feed => ({
    feed: parseMarket(symbol),
    sources: sources.filter(({ venue }) => !off.has(venue)),
    minSources,
    rules: aggregation,
  })
  return {
    markets: Object.entries(markets).map(([symbol, market]) => feed(symbol, market)),
    legs: Object.fromEntries(
      Object.entries(legs).map(([symbol, leg]) => {
        const { warnBandBps, haltBelow } = leg
        return [baseOf(symbol), { ...feed(symbol, leg), warnBandBps, haltBelow }]
      }),
    ),
    families,
  }
}

/** By market, a hash of everything that decides how its price is made: it is signed with the price. */
export function configHashes(feeds: Feeds): Readonly<Record<string, `0x${string}`>> {
  return Object.fromEntries(
    feeds.markets.map(({ feed, sources, minSources, rules }) => {
      const quoted = new Set(sources.map(({ instrument }) => instrument.quote))
      const legs = Object.entries(feeds.legs).flatMap(([currency, leg]) =>
        quoted.has(currency) ? [named(leg)] : [],
      )
      const text = exactJson({
        ...named({ feed, sources, minSources, rules }),
        legs,
        families: feeds.families,
      })
      return [feed, `0x${createHash('sha256').update(text).digest('hex')}` as const]
    }),
  )
}

function named({ sources, ...rest }: Feed): object {
  return {
    ...rest,
    sources: sources.map(({ venue, instrument }) => `${venue}:${instrumentName(instrument)}`),
  }
}

function baseOf(symbol: string): string {
  return symbol.slice(0, symbol.indexOf('-'))
}
