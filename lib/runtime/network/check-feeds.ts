import { instrumentName } from '../../domain/instrument.ts'
import { entry } from './entry.ts'
import type { Known } from './known.ts'
import type { Finding } from './problem.ts'
import { repeated } from './repeated.ts'
import type { Network, NetworkLeg, NetworkMarket } from './schema.ts'

/** Markets and legs: every source understood, every conversion there, every minimum reachable. */
export function checkFeeds(network: Network, known: Known): readonly Finding[] {
  const markets = Object.entries(network.markets).flatMap(([symbol, market]) => [
    ...checkFeed({ path: ['markets', symbol], feed: market, network, known }),
    ...checkConversions(symbol, market, network),
    ...checkListings(symbol, market, network),
  ])
  const legs = Object.entries(network.legs).flatMap(([symbol, leg]) => [
    ...checkFeed({ path: ['legs', symbol], feed: leg, network, known }),
    ...checkDirect(symbol, leg),
  ])
  return [...markets, ...legs, ...checkListedOnce(network)]
}

type Feed = {
  readonly path: readonly [string, string]
  readonly feed: NetworkMarket | NetworkLeg
  readonly network: Network
  readonly known: Known
}

function checkFeed({ path, feed, network, known }: Feed): readonly Finding[] {
  if (feed.sources.length < 2) return checkNone({ path, feed, network })
  const base = path[1].split('-')[0] ?? ''
  const entries = feed.sources.map((source, at) => ({ ...source, path: [...path, 'sources', at] }))
  return [
    ...entries
      .filter(({ venue }) => !known.venueNames.includes(venue))
      .map((one) => ({
        path: one.path,
        text: `expected a venue that is known here: ${known.venueNames.join(', ')}`,
      })),
    ...entries
      .filter(({ instrument }) => instrument.base !== base)
      .map((one) => ({
        path: one.path,
        text: `expected an instrument of ${base}, like its feed`,
      })),
    ...repeated(
      entries,
      ({ venue, instrument }) => `${venue}:${instrumentName(instrument)}`,
      'expected each source once',
    ),
    ...checkReachable({ path, feed, network, known }),
  ]
}

/** Where nobody here makes prices, markets are only names of what an exchange lists. */
function checkNone({ path, feed, network }: Omit<Feed, 'known'>): readonly Finding[] {
  if (feed.sources.length === 0 && network.oracles.length === 0) return []
  return [{ path: [...path, 'sources'], text: 'expected at least two sources' }]
}

/** A minimum that the sources cannot meet even when all of them answer would mean no price, ever. */
function checkReachable({ path, feed, network }: Feed): readonly Finding[] {
  const { minSources, aggregation } = feed
  const asked = feed.sources.filter(({ venue }) => entry(network.venues, venue)?.disabled !== true)
  const direct = asked.filter(({ instrument }) => instrument.quote === 'USD').length
  const families = new Set(asked.map(({ venue }) => familyOf(venue, network))).size
  const unreachable = (key: readonly string[], least: number, have: number, of: string) =>
    have < least
      ? [
          {
            path: [...path, ...key],
            text: `expected at most ${have}, for its enabled sources have ${have} ${of}, not ${least}`,
          },
        ]
      : []
  return [
    ...unreachable(['minSources'], minSources, asked.length, 'in all'),
    ...unreachable(
      ['aggregation', 'minDirectUsd'],
      aggregation.minDirectUsd,
      direct,
      'quoted in USD',
    ),
    ...unreachable(['aggregation', 'minFamilies'], aggregation.minFamilies, families, 'families'),
  ]
}

/** The family of a venue; one that is in none is its own. */
function familyOf(venue: string, { families }: Network): string {
  return (
    Object.entries(families).find(([, venues]) => venues.includes(venue))?.[0] ?? `venue ${venue}`
  )
}

function checkConversions(
  symbol: string,
  { sources }: NetworkMarket,
  { legs }: Network,
): readonly Finding[] {
  const names = Object.keys(legs)
  return sources.flatMap(({ instrument: { quote } }, at) =>
    quote === 'USD' || names.includes(`${quote}-USD`)
      ? []
      : [
          {
            path: ['markets', symbol, 'sources', at],
            text: `expected a leg ${quote}-USD under legs, since this source is quoted in ${quote}`,
          },
        ],
  )
}

/** A leg that needed a leg could depend on itself. */
function checkDirect(symbol: string, { sources }: NetworkLeg): readonly Finding[] {
  return sources.flatMap(({ instrument: { quote, kind } }, at) =>
    quote === 'USD' && kind === 'spot'
      ? []
      : [
          {
            path: ['legs', symbol, 'sources', at],
            text: 'expected a spot market quoted in USD itself, since a leg converts others',
          },
        ],
  )
}

function checkListings(
  symbol: string,
  market: NetworkMarket,
  { engines }: Network,
): readonly Finding[] {
  return Object.entries(market.engines).flatMap(([name, listing]) => {
    const path = ['markets', symbol, 'engines', name]
    const engine = entry(engines, name)
    if (!engine)
      return [
        {
          path,
          text: `expected an engine of this file: ${Object.keys(engines).join(', ') || 'it has none'}`,
        },
      ]
    if (engine.kind === 'evm-engine')
      return Object.values(listing).every((value) => value === undefined)
        ? []
        : [{ path, text: 'expected {}, since an evm-engine knows a market by its symbol' }]
    return [
      ...(['assetId', 'resolutionFactor'] as const)
        .filter((key) => listing[key] === undefined)
        .map((key) => ({
          path,
          text: `expected ${key}, by which a ${engine.kind} knows the market`,
        })),
      ...ofKind(engine.kind, listing).map(({ key, text }) => ({ path: [...path, key], text })),
    ]
  })
}

/** What only one kind of exchange has, or has in another size. */
function ofKind(
  kind: 'starknet-perpetual' | 'starkex',
  { assetId, assetName }: NetworkMarket['engines'][string],
): readonly { readonly key: string; readonly text: string }[] {
  if (kind === 'starknet-perpetual' && assetName !== undefined)
    return [{ key: 'assetName', text: 'expected no name, since the exchange itself tells it' }]
  if (kind === 'starkex' && assetId !== undefined && BigInt(assetId) >= 2n ** 120n)
    return [{ key: 'assetId', text: 'expected an asset id below 2^120' }]
  return []
}

/** Two markets with one asset id would push two prices of one asset. */
function checkListedOnce({ markets }: Network): readonly Finding[] {
  const listings = Object.entries(markets).flatMap(([symbol, { engines }]) =>
    Object.entries(engines).flatMap(([engine, { assetId }]) =>
      assetId === undefined
        ? []
        : [{ path: ['markets', symbol, 'engines', engine, 'assetId'], id: `${engine} ${assetId}` }],
    ),
  )
  return repeated(listings, ({ id }) => id, 'expected an asset id that no other market has')
}
