import type { Timestamp } from '../../domain/time.ts'
import type { Store } from '../../ports.ts'
import type { Network } from '../network/schema.ts'
import { type FeedView, feedsView } from './feeds-view.ts'
import { type IncidentView, incidentsView } from './incidents-view.ts'
import { type JobView, jobsView } from './jobs-view.ts'
import { type LaneView, lanesView } from './lanes-view.ts'
import { readNodes } from './node-prices.ts'
import { type Overall, overall } from './overall.ts'
import { collectProblems, type ViewProblem } from './problems.ts'
import {
  type ChainView,
  chainsView,
  type EngineView,
  enginesView,
  readWatch,
} from './watch-view.ts'

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
  readonly lanes: readonly LaneView[]
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
}: {
  readonly network: Network
  readonly store: Store
  readonly now: Timestamp
}): Promise<NetworkView> {
  const problems = collectProblems()
  const look = { network, store, now, problems }
  const [nodes, watch, lanes, incidents, jobs] = await Promise.all([
    readNodes(look),
    readWatch(look),
    lanesView(look),
    incidentsView(look),
    jobsView(look),
  ])
  const feeds = feedsView({ network, nodes, watch, now })
  return {
    network: network.network,
    at: now,
    overall: overall({ feeds, incidents: incidents.open, jobs, problems: problems.found }),
    feeds,
    chains: chainsView({ network, watch, now }),
    engines: enginesView({ network, watch }),
    lanes,
    incidents,
    jobs,
    problems: problems.found,
  }
}
