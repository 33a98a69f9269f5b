import type { ParameterSet } from '../../domain/parameters/parameter-set.ts'
import { accountScan } from '../../keepers/account-scan.ts'
import { NoLaneError } from '../../keepers/lane/no-lane-error.ts'
import { deciderOf, type FoundDecider } from '../../keepers/replay/replay-slot.ts'
import type { HistorySubject } from '../../ports.ts'
import type { World } from '../compose.ts'
import type { Network } from '../network/schema.ts'
import { onceEach } from '../once-each.ts'
import {
  parametersHash,
  underParameters,
  UnknownParameterError,
} from '../parameters/parameters-of.ts'
import { setsInUse } from '../parameters/sets-in-use.ts'
import { type KeeperName, type Keepers, keepersUnder } from '../world/keepers-under.ts'
import { schedulesOf } from '../world/schedules.ts'

/** The keeper of a job under a set, by its hash; `changes`: with other values at some places. */
export type DeciderUnder = (
  of: HistorySubject,
  parameters: string,
  changes?: ParameterSet['values'],
) => Promise<FoundDecider>

/** Keepers that decide again what was kept. Nothing else is asked of them, so that they need no keys and no nodes. */
export function decidersOf({ network, ports }: Pick<World, 'network' | 'ports'>): DeciderUnder {
  const { store } = ports
  const parts = {
    ports,
    laneOf: (engine: string) => {
      throw new NoLaneError(engine)
    },
    lanes: [],
    scan: accountScan(ports.openScan),
    sets: setsInUse(network, store),
  }
  const runs = new Set(
    schedulesOf(network).flatMap(({ job, subjects }) => subjects.map((one) => `${job} ${one}`)),
  )
  const keepersOf = onceEach(
    ({ hash, changes }: { readonly hash: string; readonly changes: ParameterSet['values'] }) =>
      JSON.stringify([hash, changes]),
    async ({ hash, changes }): Promise<Keepers | string> => {
      const short = hash.slice(0, 12)
      const set = await store.governance.set(hash)
      if (!set) return `the store has no set ${short}`
      const under = networkUnder(network, set)
      if (typeof under === 'string') return `set ${short}: ${under}`
      // A parameter that came later decides as the network file has it: nothing else is known of it.
      if (parametersHash(under, set.values) !== hash)
        return `the network file has other markets, legs, venues or exchanges than with set ${short}`
      return keepersUnder(parts, underParameters(under, changes))
    },
  )

  return async (of, hash, changes = {}) => {
    const keepers = await keepersOf({ hash, changes })
    if (typeof keepers === 'string') return { kind: 'none', why: keepers }
    const { keeper, subject } = of
    if (!isKeeper(keepers, keeper) || !runs.has(`${keeper} ${subject}`))
      return { kind: 'none', why: `the network file does not run ${keeper} of ${subject}` }
    return { kind: 'decider', decider: deciderOf(keepers[keeper]) }
  }
}

/** Or why not: other code may have had other parameters. */
function networkUnder(network: Network, { values }: ParameterSet): Network | string {
  try {
    return underParameters(network, values)
  } catch (error) {
    if (error instanceof UnknownParameterError) return error.message
    throw error
  }
}

function isKeeper(keepers: Keepers, name: string): name is KeeperName {
  return Object.hasOwn(keepers, name)
}
