import type { EngineAction } from '../../domain/action.ts'
import { lanePolicy } from '../../domain/lane-follow.ts'
import { timestamp } from '../../domain/time.ts'
import { laneId, type LaneWorld } from '../../keepers/lane/lane-world.ts'
import type { Notify } from '../../keepers/notice.ts'
import type { World } from '../compose.ts'

/** One lane for each account that sends. */
export function lanesOf({ network, ports }: World, notify: Notify): readonly LaneWorld[] {
  const roundMs = (network.jobs['publish-prices']?.everySeconds ?? pushSeconds(network)) * 1000
  return Object.entries(network.chains).flatMap(([name, { account }]) => {
    const chain = ports.chains[name]
    if (!account || !chain) return []
    const engines = Object.values(ports.engines).filter((engine) => engine.chain === name)
    return {
      id: laneId(name, account.address),
      account: account.address,
      chain,
      engines: Object.fromEntries(engines.map((engine) => [engine.name, engine])),
      store: ports.store,
      clock: ports.clock,
      policy: lanePolicy,
      slotAt: ({ round }: EngineAction) => timestamp(round * roundMs),
      notify,
    }
  })
}

/** Where another deployment publishes: rounds are counted as it counts them, by the same slots. */
function pushSeconds({ jobs }: World['network']): number {
  return jobs['push-prices']?.everySeconds ?? 1
}
