import { seeded } from '../../keepers/lane/workers.ts'
import {
  callFaults,
  type ChainPlan,
  type EventKind,
  eventKinds,
  mixed,
  type Plan,
} from '../plan.ts'

export const slotSeconds = 5
export const hourMs = 3_600_000

/** Something happens to one of the chains every so often. */
const eventEveryMs = 6 * 60_000

/**
 * What a day brings: both chains with three nodes each, of which one may lie, and in turn all troubles that there are. `seed`
 * decides which comes when, to whom, and for how long.
 */
export function dayPlan(seed: number, hours: number): Plan {
  const dice = seeded(mixed(seed, 5))
  const chance = () => dice.below(1_000) / 1_000
  const events = Math.floor((hours * hourMs) / eventEveryMs)
  return {
    seed,
    chains: [chainPlan('evm', 2_000), chainPlan('starknet', 2_900)],
    deployments: 1,
    tables: 1,
    processes: 2,
    slotMs: 6_000,
    latencyMs: 60,
    rounds: (hours * 3_600) / slotSeconds,
    roundSeconds: slotSeconds,
    epilogue: false,
    publishing: true,
    troubledMs: hours * hourMs,
    thrifty: false,
    faultShare: 0.003,
    faults: callFaults,
    mailTrouble: 0.01,
    skewMs: 0,
    events: Array.from({ length: events }, (_, at) => ({
      id: `event ${at}`,
      at: at * eventEveryMs + dice.below(eventEveryMs),
      chain: dice.below(2),
      kind: kindAt(at, dice.below(chainEvents.length)),
      size: chance(),
      other: chance(),
    })),
  }
}

function chainPlan(kind: ChainPlan['kind'], blockMs: number): ChainPlan {
  return {
    kind,
    blockMs,
    finalityBlocks: 6,
    strict: true,
    countsPool: true,
    refusesGaps: false,
    markets: 2,
    accounts: 1,
    nodes: 3,
  }
}

/** What happens to reports, the market of a day decides. */
const chainEvents = eventKinds.filter((kind) => !kind.endsWith('-report'))

/** Every other one is one of those that keepers see most of. */
function kindAt(at: number, which: number): EventKind {
  const often: readonly EventKind[] = ['reorg', 'halt', 'outage', 'stall']
  return (at % 2 === 0 ? often[(at / 2) % often.length] : chainEvents[which]) ?? 'stall'
}
