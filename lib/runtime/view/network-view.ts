import type { Timestamp } from '../../domain/time.ts'
import { type WeeksOfBooks, weeksOfBooks } from '../../keepers/books/week-of-books.ts'
import type { Store } from '../../ports.ts'
import type { Network } from '../network/schema.ts'
import { batchesView, type ProvingLaneView } from './batches-view.ts'
import { type FeedView, feedsView } from './feeds-view.ts'
import { type FundingView, fundingView } from './funding-view.ts'
import { type IncidentView, incidentsView } from './incidents-view.ts'
import { type JobView, jobsView } from './jobs-view.ts'
import { type LaneView, lanesView } from './lanes-view.ts'
import { type LiquidationView, liquidationsView } from './liquidation-view.ts'
import { readNodes } from './node-prices.ts'
import { type Overall, overall } from './overall.ts'
import { type PositionsView, positionsView } from './positions-view.ts'
import { collectProblems, type ViewProblem } from './problems.ts'
import { readUptimes } from './read-uptimes.ts'
import {
  type ChainView,
  chainsView,
  type EngineView,
  enginesView,
  readWatch,
} from './watch-view.ts'
import { type WatchedStanding, withStanding } from './watched-standing.ts'
import { type WatchedView, watchedView } from './watched-view.ts'

/** What people see of a network. Plain JSON: times are unix milliseconds, money is text. */
export type NetworkView = {
  readonly network: string
  /** When it was read; every age in it is of this moment, unless it says otherwise. */
  readonly at: number
  readonly overall: Overall
  /** Markets, then legs, in the network file's order. */
  readonly feeds: readonly FeedView[]
  readonly chains: readonly ChainView[]
  readonly engines: readonly EngineView[]
  /** Exchanges whose funding is settled here. */
  readonly funding: readonly FundingView[]
  /** Exchanges whose accounts are followed here. */
  readonly positions: readonly PositionsView[]
  /** Exchanges on which accounts may be liquidated. */
  readonly liquidation: readonly LiquidationView[]
  /** Batches on their way to the chain that they are settled on, by proving lane. */
  readonly proving: readonly ProvingLaneView[]
  readonly lanes: readonly LaneView[]
  /** Systems that are only watched. */
  readonly watched: readonly (WatchedView & WatchedStanding)[]
  readonly incidents: {
    readonly open: readonly IncidentView[]
    readonly recent: readonly IncidentView[]
  }
  readonly jobs: readonly JobView[]
  /** What could not be shown, and why. */
  readonly problems: readonly ViewProblem[]
}

/** The network as its store knows it. Throws `StoreUnavailableError` where the store does not answer. */
export async function networkView({
  network,
  store,
  now,
  weekOf = weeksOfBooks(),
}: {
  readonly network: Network
  readonly store: Store
  readonly now: Timestamp
  /** Of this store; with a memory for whoever looks again and again. */
  readonly weekOf?: WeeksOfBooks
}): Promise<NetworkView> {
  const problems = collectProblems()
  const look = { network, store, now, problems }
  const [
    nodes,
    watch,
    uptimes,
    funding,
    positions,
    liquidation,
    proving,
    lanes,
    watched,
    incidents,
    jobs,
  ] = await Promise.all([
    readNodes(look),
    readWatch(look),
    readUptimes(look),
    fundingView(look),
    positionsView(look),
    liquidationsView(look, weekOf),
    batchesView(look),
    lanesView(look),
    watchedView(look),
    incidentsView(look),
    jobsView(look),
  ])
  const feeds = feedsView({ network, nodes, watch, now })
  return {
    network: network.network,
    at: now,
    overall: overall({ feeds, incidents: incidents.open, jobs, problems: problems.found }),
    feeds,
    chains: chainsView({ network, watch, uptimes, now }),
    engines: enginesView({ network, watch }),
    funding,
    positions,
    liquidation,
    proving,
    lanes,
    watched: withStanding(watched, incidents.open),
    incidents,
    jobs,
    problems: problems.found,
  }
}
