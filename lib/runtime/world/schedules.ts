import type { Schedule } from '../../keepers/plan-ticks.ts'
import { entry } from '../network/entry.ts'
import type { JobName } from '../network/job-names.ts'
import { jobNames } from '../network/job-names.ts'
import type { Network } from '../network/schema.ts'

/** The jobs that this deployment runs, and what each runs for. */
export function schedulesOf(network: Network): readonly (Schedule & { readonly job: JobName })[] {
  return jobNames.flatMap((job) => {
    const options = network.jobs[job]
    if (!options) return []
    const { everySeconds, offsetMs } = options
    const subjects = subjectsOf(network, job)
    return subjects.length === 0 ? [] : [{ job, subjects, everySeconds, offsetMs }]
  })
}

/** Every oracle node and every exchange has slots of its own; the rest is done for the network as a whole. */
function subjectsOf(
  { oracles, markets, engines, chains, proving, watched, uptimeFeeds }: Network,
  job: JobName,
): readonly string[] {
  switch (job) {
    case 'publish-prices':
      return oracles.map(({ name }) => name)
    case 'push-prices':
      return [...new Set(Object.values(markets).flatMap((market) => Object.keys(market.engines)))]
    case 'settle-funding':
      return fundedEngines({ engines })
    case 'update-exchange-time':
      return timedEngines({ engines })
    case 'apply-interests':
      return payingEngines({ engines })
    case 'index-positions':
      return indexedEngines({ engines, chains })
    case 'liquidate':
    case 'deleverage':
      return liquidatedEngines({ engines })
    case 'prove-batches':
      return Object.keys(proving)
    case 'keep-books':
      return bookedEngines({ engines, chains })
    case 'watch-systems':
      return Object.keys(watched)
    case 'tell-uptime':
      return Object.keys(uptimeFeeds)
    case 'watch-liveness':
    case 'govern':
    case 'pack-history':
    case 'deliver-outbox':
      return ['network']
  }
}

/** The exchanges whose accounts can be followed: on StarkEx, where somebody tells its batches. */
export function indexedEngines({
  engines,
  chains,
}: Pick<Network, 'engines' | 'chains'>): readonly string[] {
  return Object.entries(engines).flatMap(([name, engine]) => {
    const chain = entry(chains, engine.chain)
    return chain?.kind === 'starkex' && !chain.batches ? [] : [name]
  })
}

/** The exchanges whose funding the network file says how to settle. */
export function fundedEngines({ engines }: Pick<Network, 'engines'>): readonly string[] {
  return Object.entries(engines).flatMap(([name, engine]) => (engine.funding ? [name] : []))
}

/** The exchanges whose own time the network file says how to keep. */
export function timedEngines({ engines }: Pick<Network, 'engines'>): readonly string[] {
  return Object.entries(engines).flatMap(([name, engine]) =>
    engine.kind === 'starknet-perpetual' && engine.interest ? [name] : [],
  )
}

/** The exchanges whose interest the network file says. */
export function payingEngines({ engines }: Pick<Network, 'engines'>): readonly string[] {
  return Object.entries(engines).flatMap(([name, engine]) =>
    engine.kind === 'starknet-perpetual' && engine.interest?.payments ? [name] : [],
  )
}

/** Those on which somebody tells of liquidations: on StarkEx, where its batches are told. */
export function bookedEngines(network: Pick<Network, 'engines' | 'chains'>): readonly string[] {
  const indexed = new Set(indexedEngines(network))
  return liquidatedEngines(network).filter((name) => indexed.has(name))
}

/** The exchanges on which the network file says how far liquidations may go. */
export function liquidatedEngines({ engines }: Pick<Network, 'engines'>): readonly string[] {
  return Object.entries(engines).flatMap(([name, engine]) => (engine.liquidation ? [name] : []))
}
