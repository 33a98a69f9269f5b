import type { Clock, Store } from '../../ports.ts'
import type { Network } from '../network/schema.ts'
import { pushRules } from '../world/push-rules.ts'
import { targetsOf } from '../world/targets.ts'
import type { ReportsData } from './reports-app.ts'

/** What a network's nodes have to serve. */
export function reportsData({
  network,
  store,
  clock,
}: {
  readonly network: Network
  readonly store: Store
  readonly clock: Clock
}): ReportsData {
  return {
    clock,
    store,
    network: network.network,
    chains: Object.keys(network.chains),
    nodes: network.oracles.map(({ name }) => name),
    targets: targetsOf(network),
    roundSeconds: pushRules(network).roundSeconds,
  }
}
