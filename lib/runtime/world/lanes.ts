import type { EngineAction } from '../../domain/action.ts'
import type { LanePolicy } from '../../domain/lane-follow.ts'
import { lanePolicyOf } from '../../domain/lane-policy.ts'
import type { TaskClass } from '../../domain/task.ts'
import { timestamp } from '../../domain/time.ts'
import { callTarget } from '../../keepers/lane/call-target.ts'
import { laneId, type LaneWorld, type LeaseToHold } from '../../keepers/lane/lane-world.ts'
import type { Notify } from '../../keepers/notice.ts'
import type { Chain } from '../../ports.ts'
import type { World } from '../compose.ts'
import { accountsOf } from '../network/accounts.ts'
import { entry } from '../network/entry.ts'
import type { Network } from '../network/schema.ts'

/** A lane, and the kinds of work that it sends. */
export type SendingLane = LaneWorld & { readonly tasks: readonly TaskClass[] }

/** One lane for each account that sends. */
export function lanesOf({ network, ports }: World, notify: Notify): readonly SendingLane[] {
  return Object.entries(network.chains).flatMap(([name, described]) => {
    const chain = ports.chains[name]
    if (!chain) return []
    const engines = Object.values(ports.engines).filter((engine) => engine.chain === name)
    const called = [
      ...Object.values(ports.proving).map(({ settlement }) => settlement),
      ...Object.values(ports.uptimeFeeds),
    ].filter((one) => one.chain === name)
    const accounts = accountsOf(described)
    return accounts.map(({ account, tasks }) => ({
      id: laneId(name, account.address),
      account: account.address,
      tasks,
      chain,
      engines: {
        ...Object.fromEntries(engines.map((engine) => [engine.name, engine])),
        ...Object.fromEntries(called.map((one) => [one.name, callTarget(one.name)])),
      },
      store: ports.store,
      clock: ports.clock,
      policy: policyOf(chain, described),
      worthOf: worthBy(network),
      ...(accounts.length > 1 && { leaseOf: leaseBy(network) }),
      slotAt: slotBy(network),
      notify,
    }))
  })
}

function policyOf(chain: Chain, described: Network['chains'][string]): LanePolicy {
  const { blockSeconds, kind } = chain
  if (described.kind !== 'evm') return lanePolicyOf({ blockSeconds, kind })
  return lanePolicyOf({ blockSeconds, kind, urgentPlaces: described.urgentPlaces })
}

/** A lane whose account the network file names no more, by the table: nothing can be signed for it. */
export function laneLeftBehind(
  { ports }: World,
  { id, slotAt, notify }: Pick<LaneWorld, 'id' | 'slotAt' | 'notify'>,
): LaneWorld | undefined {
  const [name = '', account = ''] = id.split('/')
  const chain = Object.hasOwn(ports.chains, name) ? ports.chains[name] : undefined
  const { store, clock } = ports
  const policy = chain && lanePolicyOf(chain)
  return policy && { id, account, chain, engines: {}, store, clock, policy, slotAt, notify }
}

export function slotBy(network: Network): LaneWorld['slotAt'] {
  const roundMs = (network.jobs['publish-prices']?.everySeconds ?? pushSeconds(network)) * 1000
  return (action) => (action.kind === 'push-prices' ? timestamp(action.round * roundMs) : action.at)
}

/** Where another deployment publishes: rounds are counted as it counts them, by the same slots. */
function pushSeconds({ jobs }: Network): number {
  return jobs['push-prices']?.everySeconds ?? 1
}

function worthBy({ engines }: Network) {
  return (action: EngineAction): bigint | undefined => {
    if (action.kind === 'settle-batch' || action.kind === 'tell-uptime')
      return worthOfAll(action.updates, undefined)
    const { engine, updates } = action
    const told = entry(engines, engine)
    // A gateway takes nothing for it.
    if (!told || told.kind === 'starkex') return undefined
    if (action.kind === 'liquidate') return worthOfAll(action.updates, told.worth.liquidation)
    const worth = {
      'push-prices': told.worth.price,
      'settle-funding': told.worth.funding,
      'update-exchange-time': undefined,
      'apply-interests': undefined,
      deleverage: told.worth.liquidation,
    }[action.kind]
    return worth === undefined ? undefined : worth * BigInt(updates.length)
  }
}

/** What was reckoned of each part, where it was; of all others what the network file says. */
function worthOfAll(
  parts: readonly { readonly worth?: bigint }[],
  told: bigint | undefined,
): bigint | undefined {
  return parts.reduce<bigint | undefined>((sum, { worth = told }) => {
    return sum === undefined || worth === undefined ? undefined : sum + worth
  }, 0n)
}

/** By the contract: it has one nonce for whoever sends to it, whatever the file calls it. */
function leaseBy({ engines }: Network) {
  return (name: string): LeaseToHold | undefined => {
    const engine = Object.hasOwn(engines, name) ? engines[name] : undefined
    return engine?.kind === 'starknet-perpetual'
      ? { name: `engine/${engine.chain}/${engine.address}`, holder: crypto.randomUUID() }
      : undefined
  }
}
