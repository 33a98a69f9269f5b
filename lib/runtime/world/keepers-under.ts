import type { TaskClass } from '../../domain/task.ts'
import { accountScan } from '../../keepers/account-scan.ts'
import { type InterestView, applyInterests } from '../../keepers/apply-interests.ts'
import { type BooksView, keepBooks } from '../../keepers/books/keep-books.ts'
import { chainDoubts } from '../../keepers/chain-doubts.ts'
import { type DeleverageView, deleverage } from '../../keepers/deleverage.ts'
import { type GovernView, governing } from '../../keepers/govern/govern.ts'
import { type IndexView, indexPositions } from '../../keepers/index-positions/index-positions.ts'
import type { Keeper } from '../../keepers/keeper.ts'
import type { LaneWorld } from '../../keepers/lane/lane-world.ts'
import { type LiquidateView, liquidate } from '../../keepers/liquidate.ts'
import { packHistory, type PackView } from '../../keepers/pack-history.ts'
import { type BatchesView, proveBatches } from '../../keepers/prove/prove-batches.ts'
import type { ProveWorld } from '../../keepers/prove/prove-world.ts'
import { type PublishView, publishPrices } from '../../keepers/publish-prices.ts'
import { type PushView, pushPrices } from '../../keepers/push-prices.ts'
import { type SettleView, settleFunding } from '../../keepers/settle-funding.ts'
import { type ExchangeTimeView, updateExchangeTime } from '../../keepers/update-exchange-time.ts'
import { type TellView, tellUptime } from '../../keepers/watch/tell-uptime.ts'
import { watchLiveness } from '../../keepers/watch/watch-liveness.ts'
import { type SystemView, watchSystems } from '../../keepers/watch/watch-systems.ts'
import type { WatchView } from '../../keepers/watch/watch-view.ts'
import type { Ports } from '../../ports.ts'
import type { JobName } from '../network/job-names.ts'
import type { Network } from '../network/schema.ts'
import { differsHere, type setsInUse } from '../parameters/sets-in-use.ts'
import { feeMarkets } from './fee-markets.ts'
import { configHashes, feedsOf } from './feeds-of.ts'
import { fundingSettings } from './funding-settings.ts'
import { exchangeTimeSettings, interestSettings } from './interest-settings.ts'
import { deleverageSettings, liquidationSettings } from './liquidation-settings.ts'
import { provenBy } from './proven-by.ts'
import { provingRules } from './proving-rules.ts'
import { pushRules } from './push-rules.ts'
import { schedulesOf } from './schedules.ts'
import { tellSettings } from './uptime-feeds.ts'
import { watchRules } from './watch-rules.ts'

/** What keepers of every set of parameters share. */
export type KeeperParts = {
  readonly ports: Ports
  readonly laneOf: (engine: string, task: TaskClass) => LaneWorld
  readonly lanes: readonly {
    readonly id: string
    readonly account: string
    readonly chain: string
  }[]
  readonly scan: ReturnType<typeof accountScan>
  /** What the active set comes to, and others. */
  readonly sets: Pick<ReturnType<typeof setsInUse>, 'at' | 'under'>
}

/** What each job looks at. */
type KeeperViews = {
  readonly 'publish-prices': PublishView
  readonly 'push-prices': PushView
  readonly 'settle-funding': SettleView
  readonly 'update-exchange-time': ExchangeTimeView
  readonly 'apply-interests': InterestView
  readonly 'index-positions': IndexView
  readonly liquidate: LiquidateView
  readonly 'keep-books': BooksView
  readonly deleverage: DeleverageView
  readonly 'prove-batches': BatchesView
  readonly 'watch-systems': SystemView & { readonly system: string }
  readonly 'watch-liveness': WatchView
  readonly 'tell-uptime': TellView
  readonly govern: GovernView
  readonly 'pack-history': PackView
}

export type KeeperName = keyof KeeperViews

export type Keepers = { readonly [Name in KeeperName]: Keeper<KeeperViews[Name]> }

/** A keeper's own view type goes with its name. */
export type KeeperOf<Name extends KeeperName> = Keeper<KeeperViews[Name]>

/** The keepers of a network under one set of parameters; `beside`: under which others the same views are decided on. */
export function keepersUnder(
  { ports, laneOf, lanes, scan, sets }: KeeperParts,
  network: Network,
  beside: readonly Network[] = [],
): Keepers {
  const { clock, store } = ports
  const feeds = feedsOf(network)
  const schedules = schedulesOf(network)
  const prove = proveWorld(ports, network)
  const runs = (job: JobName, engine: string): boolean =>
    schedules.some((one) => one.job === job && one.subjects.includes(engine))
  const doubts = chainDoubts(store, {
    clock,
    provenBy: provenBy(network),
    chainOf: Object.fromEntries(
      Object.entries(network.engines).map(([name, { chain }]) => [name, chain]),
    ),
  })
  return {
    'publish-prices': publishPrices({
      clock,
      quotes: ports.quotes,
      store,
      feeds,
      configHashes: configHashes(feeds),
      beside: beside.map(feedsOf),
    }),
    'push-prices': pushPrices({
      clock,
      store,
      engines: ports.engines,
      peers: ports.peers,
      laneOf,
      rules: pushRules(network),
    }),
    'settle-funding': settleFunding({
      clock,
      store,
      orderBooks: ports.orderBooks,
      engines: ports.engines,
      nodes: network.oracles.map(({ name }) => name),
      roundSeconds: network.jobs['publish-prices']?.everySeconds ?? 0,
      laneOf,
      settings: fundingSettings(network),
      doubts,
    }),
    'update-exchange-time': updateExchangeTime({
      clock,
      store,
      engines: ports.engines,
      laneOf,
      settings: exchangeTimeSettings(network),
    }),
    'apply-interests': applyInterests({
      clock,
      store,
      books: ports.positions,
      engines: ports.engines,
      laneOf,
      settings: interestSettings(network),
      doubts,
    }),
    'index-positions': indexPositions({
      clock,
      store,
      books: ports.positions,
      chains: ports.chains,
      engines: ports.engines,
      shares: network.jobs['index-positions']?.checkSlots ?? 1,
    }),
    liquidate: liquidate({
      clock,
      store,
      books: ports.positions,
      scan,
      engines: ports.engines,
      laneOf,
      everySeconds: network.jobs.liquidate?.everySeconds ?? 1,
      settings: liquidationSettings(network),
      runs,
      doubts,
      nodes: network.oracles.map(({ name }) => name),
      feeMarkets: feeMarkets(network),
    }),
    'keep-books': keepBooks({
      clock,
      store,
      engines: ports.engines,
      chains: ports.chains,
      nodes: network.oracles.map(({ name }) => name),
      laneOf,
      feeMarkets: feeMarkets(network),
    }),
    deleverage: deleverage({
      clock,
      store,
      books: ports.positions,
      scan,
      engines: ports.engines,
      laneOf,
      everySeconds: network.jobs.deleverage?.everySeconds ?? 1,
      settings: deleverageSettings(network),
      runs,
      doubts,
    }),
    'prove-batches': proveBatches(prove),
    'watch-systems': watchSystems({
      numbers: network.watch,
      clock,
      store,
      watched: ports.watched,
      nodes: network.oracles.map(({ name }) => name),
    }),
    'watch-liveness': watchLiveness({
      clock,
      store,
      chains: ports.chains,
      engines: ports.engines,
      nodes: network.oracles.map(({ name }) => name),
      lanes,
      jobs: schedules.flatMap(({ job, subjects }) => subjects.map((subject) => ({ job, subject }))),
      rules: watchRules(network),
      differsHere: async (at) => differsHere((await sets.at(at)).active),
    }),
    govern: governing({
      clock,
      store,
      nodes: network.oracles.map(({ name }) => name),
      engines: schedules.find(({ job }) => job === 'push-prices')?.subjects ?? [],
      lanes,
      everySeconds: network.jobs.govern?.everySeconds ?? 0,
      watched: Object.keys(network.watched),
      rules: {
        ...network.parameters.guards,
        frozenMs: network.parameters.frozenSeconds * 1_000,
      },
      policyOf: async (set) => pushRules((await sets.under(set)).network).policy,
    }),
    'pack-history': packHistory({ clock, store }),
    'tell-uptime': tellUptime({
      clock,
      store,
      feeds: ports.uptimeFeeds,
      laneOf,
      settings: tellSettings(network),
    }),
  }
}

export function proveWorld(ports: Ports, network: Network): ProveWorld {
  const { clock, store, blobs, sidecars, chains, proving } = ports
  return {
    clock,
    store,
    blobs,
    sidecars,
    chains,
    proving,
    rules: provingRules(network),
    random: Math.random,
  }
}
