import { referenceName } from '../reference.ts'
import { accountFor, accountsOf } from './accounts.ts'
import { checkFeeds } from './check-feeds.ts'
import { checkInterest } from './check-interest.ts'
import { checkKeys } from './check-keys.ts'
import { checkLiquidation } from './check-liquidation.ts'
import { checkProving } from './check-proving.ts'
import { checkUptimeFeeds } from './check-uptime-feeds.ts'
import { checkWatched } from './check-watched.ts'
import { entry } from './entry.ts'
import type { Known } from './known.ts'
import type { Finding } from './problem.ts'
import { maxPushAgeMs } from './push-age.ts'
import { repeated } from './repeated.ts'
import type { Network } from './schema.ts'

/** What no single value shows: names that lead nowhere, things said twice, limits that cannot be met. */
export function crossChecks(network: Network, known: Known): readonly Finding[] {
  return [
    ...checkVenues(network, known),
    ...checkChains(network),
    ...checkEngines(network),
    ...checkFeeds(network, known),
    ...checkKeys(network),
    ...checkJobs(network),
    ...checkFunding(network),
    ...checkInterest(network),
    ...checkLiquidation(network),
    ...checkLiquidators(network),
    ...checkBooks(network),
    ...checkProving(network),
    ...checkWatched(network),
    ...checkUptimeFeeds(network),
    ...checkAlerts(network),
  ]
}

function checkVenues(
  { venues: special, families }: Network,
  { venueNames }: Known,
): readonly Finding[] {
  const unknown = (venue: string, path: readonly PropertyKey[]): readonly Finding[] =>
    venueNames.includes(venue)
      ? []
      : [{ path, text: `expected a venue that is known here: ${venueNames.join(', ')}` }]
  const members = Object.entries(families).flatMap(([family, venues]) =>
    venues.map((venue, at) => ({ venue, path: ['families', family, at] })),
  )
  return [
    ...Object.keys(special).flatMap((venue) => unknown(venue, ['venues', venue])),
    ...members.flatMap(({ venue, path }) => unknown(venue, path)),
    ...repeated(members, ({ venue }) => venue, 'expected each venue in one family at most'),
  ]
}

/** One account with two lanes would be given each nonce twice; and a price must come from somewhere. */
function checkChains({ chains, markets, legs }: Network): readonly Finding[] {
  const accounts = Object.entries(chains).flatMap(([name, chain]) =>
    accountsOf(chain).map(({ path, account }) => ({
      path: ['chains', name, ...path],
      id: chain.kind === 'starkex' ? gatewayOf(chain) : `${chain.chainId} ${account.address}`,
    })),
  )
  const unpriced = Object.entries(chains).flatMap(([name, chain]) =>
    chain.kind === 'starkex' ||
    chain.feeMarket === undefined ||
    entry(markets, chain.feeMarket) ||
    entry(legs, chain.feeMarket)
      ? []
      : [{ path: ['chains', name, 'feeMarket'], text: 'expected a market or a leg of this file' }],
  )
  return [
    ...unpriced,
    ...repeated(accounts, ({ id }) => id, 'expected an account that nothing else here sends from'),
  ]
}

/** Where it is, whatever the account there is called. */
function gatewayOf({ gateway }: Extract<Network['chains'][string], { kind: 'starkex' }>): string {
  return gateway.kind === 'literal' ? gateway.text : referenceName(gateway)
}

const chainKinds = {
  'evm-engine': 'evm',
  'starknet-perpetual': 'starknet',
  starkex: 'starkex',
} as const

function checkEngines({ engines, chains }: Network): readonly Finding[] {
  const all = Object.entries(engines).map(([name, engine]) => ({
    name,
    engine,
    path: ['engines', name, engine.kind === 'starkex' ? 'chain' : 'address'],
  }))
  return [
    ...all.flatMap(({ name, engine }) => {
      const chain = entry(chains, engine.chain)
      const path = ['engines', name, 'chain']
      if (!chain)
        return [{ path, text: `expected a chain of this file: ${list(Object.keys(chains))}` }]
      const needed = chainKinds[engine.kind]
      return chain.kind === needed
        ? []
        : [{ path, text: `expected a chain of kind ${needed}, where ${engine.kind} lives` }]
    }),
    ...repeated(
      all,
      ({ engine }) => `${engine.chain} ${engine.kind === 'starkex' ? '' : engine.address}`,
      'expected an engine that is not named twice',
    ),
  ]
}

function checkJobs({ jobs, markets, engines, chains, alerts }: Network): readonly Finding[] {
  const late = Object.entries(jobs).flatMap(([job, options]) =>
    options && options.offsetMs >= options.everySeconds * 1000
      ? [
          {
            path: ['jobs', job, 'offsetMs'],
            text: 'expected less than the length of a slot, everySeconds',
          },
        ]
      : [],
  )
  const used = new Set(Object.values(markets).flatMap((market) => Object.keys(market.engines)))
  const senders = [...used].flatMap((name) => {
    const engine = entry(engines, name)
    const chain = engine && entry(chains, engine.chain)
    return jobs['push-prices'] && engine && chain && !accountFor(chain, 'prices')
      ? [
          {
            path: ['chains', engine.chain],
            text: `expected an account, since push-prices sends to ${name}`,
          },
        ]
      : []
  })
  const silent =
    jobs['watch-liveness'] && alerts.routes.critical.length === 0
      ? [
          {
            path: ['alerts', 'routes'],
            text: 'expected a channel for critical, since watch-liveness runs and nobody would be told',
          },
        ]
      : []
  return [...late, ...senders, ...silent]
}

/** What settle-funding needs: samples of somebody, an account that sends, and slots that fill an epoch. */
function checkFunding({ jobs, engines, chains, oracles }: Network): readonly Finding[] {
  const job = jobs['settle-funding']
  if (!job) return []
  const path = ['jobs', 'settle-funding']
  const funded = Object.entries(engines).flatMap(([name, engine]) =>
    engine.funding ? [{ name, engine, ...engine.funding }] : [],
  )
  if (funded.length === 0)
    return [{ path, text: 'expected an engine with `funding`, which says how it is settled' }]
  const blind =
    oracles.length === 0
      ? [{ path, text: 'expected an oracle node here: its sources show the premiums' }]
      : []
  return [
    ...blind,
    ...funded.flatMap(({ name, engine, epochSeconds, minSamples }) => {
      const chain = entry(chains, engine.chain)
      const slots = epochSeconds / job.everySeconds
      return [
        ...(Number.isInteger(slots)
          ? []
          : [
              {
                path: [...path, 'everySeconds'],
                text: `expected a divisor of engines.${name}.funding.epochSeconds (${epochSeconds})`,
              },
            ]),
        ...(minSamples <= slots
          ? []
          : [
              {
                path: ['engines', name, 'funding', 'minSamples'],
                text: `expected at most ${Math.floor(slots)}, the slots of an epoch`,
              },
            ]),
        ...(chain && !accountFor(chain, 'funding')
          ? [
              {
                path: ['chains', engine.chain],
                text: `expected an account for funding, since settle-funding sends to ${name}`,
              },
            ]
          : []),
      ]
    }),
  ]
}

/** What liquidate needs: an exchange where it may, and an account there. */
function checkLiquidators({ jobs, engines, chains }: Network): readonly Finding[] {
  if (!jobs.liquidate) return []
  const liquidated = Object.entries(engines).flatMap(([name, engine]) =>
    'liquidation' in engine && engine.liquidation ? [{ name, on: engine.chain }] : [],
  )
  if (liquidated.length === 0)
    return [
      {
        path: ['jobs', 'liquidate'],
        text: 'expected an engine with `liquidation`, which says how far it may go',
      },
    ]
  return liquidated.flatMap(({ name, on }) => {
    const chain = entry(chains, on)
    return chain && !accountFor(chain, 'liquidation')
      ? [
          {
            path: ['chains', on],
            text: `expected an account, since liquidate sends to ${name}`,
          },
        ]
      : []
  })
}

/** Where nothing asks for a book, whoever names one believes something that is not so. */
function checkBooks({ engines, markets }: Network): readonly Finding[] {
  const unused = Object.entries(engines).flatMap(([name, engine]) =>
    engine.kind !== 'starkex' && engine.book && !engine.funding
      ? [{ path: ['engines', name, 'book'], text: 'expected `funding` beside it, which reads it' }]
      : [],
  )
  const unread = Object.entries(markets).flatMap(([symbol, market]) =>
    Object.entries(market.engines).flatMap(([name, { bookSymbol }]) => {
      const engine = entry(engines, name)
      if (bookSymbol === undefined || !engine) return []
      const path = ['markets', symbol, 'engines', name, 'bookSymbol']
      return engine.kind !== 'starkex' && engine.book
        ? []
        : [{ path, text: `expected \`book\` in engines.${name}, which says where it is read` }]
    }),
  )
  return [...unused, ...unread]
}

function checkAlerts({ alerts, markets }: Network): readonly Finding[] {
  const routes = [
    ...Object.entries(alerts.routes).map(([severity, to]) => ({
      path: ['alerts', 'routes', severity],
      to,
    })),
    ...alerts.subjects.flatMap(({ routes: own }, place) =>
      Object.entries(own).map(([severity, to]) => ({
        path: ['alerts', 'subjects', place, 'routes', severity],
        to: to ?? [],
      })),
    ),
    { path: ['alerts', 'fallback'], to: alerts.fallback },
  ]
  const names = Object.keys(alerts.channels)
  const mistold = routes.flatMap(({ path, to }) => {
    const entries = to.map((channel, at) => ({ channel, path: [...path, at] }))
    return [
      ...entries
        .filter(({ channel }) => !names.includes(channel))
        .map((one) => ({
          path: one.path,
          text: `expected a channel of this file: ${list(names)}`,
        })),
      ...repeated(entries, ({ channel }) => channel, 'expected each channel once'),
    ]
  })
  const hasty = Object.entries(markets).flatMap(([symbol, { push, engines }]) =>
    Object.keys(engines).length > 0 &&
    push.heartbeatSeconds * 1000 >= maxPushAgeMs({ alerts }, { push })
      ? [
          {
            path: ['markets', symbol, 'push', 'heartbeatSeconds'],
            text:
              push.maxAgeSeconds === undefined
                ? `expected less than alerts.maxPushAgeSeconds (${alerts.maxPushAgeSeconds}), or every calm hour raises an alert`
                : `expected less than maxAgeSeconds (${push.maxAgeSeconds}), or every calm hour raises an alert`,
          },
        ]
      : [],
  )
  return [...mistold, ...hasty]
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'it has none' : names.join(', ')
}
