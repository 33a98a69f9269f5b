import { seeded } from '../keepers/lane/workers.ts'
import { roundSeconds } from './rounds.ts'

export type ChainKind = 'evm' | 'starknet'

/** Everything that a schedule's number decides before anything happens. */
export type Plan = {
  readonly seed: number
  readonly chains: readonly ChainPlan[]
  /** How many deployments send from the same accounts, and whether they share their table. */
  readonly deployments: 1 | 2
  readonly tables: 1 | 2
  /** Processes of a deployment at once. */
  readonly processes: number
  /** How long a slot belongs to its worker. */
  readonly slotMs: number
  /** Usual length of an awaited call. */
  readonly latencyMs: number
  /** Rounds of prices before all is left to the sweeper, and how long each is. */
  readonly rounds: number
  readonly roundSeconds: number
  /** Whether more rounds follow once all is calm and at its end: then each market must have its turn. */
  readonly epilogue: boolean
  /** The oracle nodes are processes too; else the reports of a round are there by themselves. */
  readonly publishing: boolean
  /** When the troubles end, after the start. */
  readonly troubledMs: number
  /** Whether a push is worth only so much. */
  readonly thrifty: boolean
  /** The share of awaited calls that go wrong, and the ways in which they may. */
  readonly faultShare: number
  readonly faults: readonly CallFault[]
  /** The share of messages that are lost, doubled or late. */
  readonly mailTrouble: number
  /** How far a process's clock may be wrong, either way. */
  readonly skewMs: number
  readonly events: readonly PlannedEvent[]
}

export type ChainPlan = {
  readonly kind: ChainKind
  readonly blockMs: number
  readonly finalityBlocks: number
  /** How many markets the exchange lists, and how many accounts send to it. */
  readonly markets: number
  readonly accounts: 1 | 2
  /** The exchange refuses a price that is not newer than its own; where it does not, a second one would take effect. */
  readonly strict: boolean
  /** Whether a node's simulation and the exchange's own nonce count the pool. */
  readonly countsPool: boolean
  /** How many nodes there are, one of which may lie about the newest block. */
  readonly nodes: number
  /** An EVM pool that takes no nonce above the next one. */
  readonly refusesGaps: boolean
}

/** What may go wrong with one awaited call of a process. */
export type CallFault =
  /** The process ends: the call has no effect, or has it and nobody hears. */
  | 'crash-before'
  | 'crash-after'
  /** The process stands still for long, before the request goes out or before it hears the answer. */
  | 'freeze-before'
  | 'freeze-after'
  /** An error: without the effect, with it, or with the effect long after it. */
  | 'refused'
  | 'answer-lost'
  | 'late'
  /** The store did it and says that it was not so; or was in a conflict, and did nothing. */
  | 'condition'
  /** A list from before the newest changes. */
  | 'stale-list'
  /** A node that has not got the newest blocks, nor the pool. */
  | 'lag'
  /** A node that says what is not so. */
  | 'lie'

export type PlannedEvent = {
  readonly id: string
  /** After the start. */
  readonly at: number
  readonly chain: number
  readonly kind: EventKind
  /** Between 0 and 1: how long, how deep, how much. */
  readonly size: number
  readonly other: number
}

export const eventKinds = [
  'reorg',
  'evict',
  'race',
  'stall',
  'halt',
  'foreign-block',
  'foreign-pool',
  'spike',
  'outage',
  'no-funds',
  'revert',
  'refusal',
  'slander',
  'forged-report',
  'missing-report',
] as const

export type EventKind = (typeof eventKinds)[number]

export const callFaults: readonly CallFault[] = [
  'crash-before',
  'crash-after',
  'freeze-before',
  'freeze-after',
  'refused',
  'answer-lost',
  'late',
  'condition',
  'stale-list',
  'lag',
  'lie',
]

/** The schedule of that number. Each has its own choice of troubles: all at once hide each other. */
export function planOf(seed: number): Plan {
  const dice = seeded(mixed(seed, 0))
  const below = (n: number): number => dice.below(n)
  const chance = (share: number): boolean => dice.chance(share)
  const deployments = chance(0.35) ? 2 : 1
  const tables = deployments === 2 && chance(0.5) ? 2 : 1
  // Where nothing at all goes wrong, more can be asked of the end.
  const undisturbed = chance(0.06)
  const faults = callFaults.filter(() => chance(0.5) && !undisturbed)
  const kinds = eventKinds.filter(() => chance(0.4) && !undisturbed)
  const both: readonly ChainKind[] = chance(0.5) ? ['evm', 'starknet'] : ['starknet', 'evm']
  const chains = both.slice(0, chance(0.2) ? 2 : 1).map((kind) => ({
    kind,
    blockMs: 500 + below(2_500),
    finalityBlocks: 2 + below(6),
    strict: chance(0.5),
    countsPool: chance(0.7),
    refusesGaps: chance(0.3),
    markets: chance(0.18) ? 2 + below(3) : 1,
    // Only a Starknet exchange has a nonce of its own for all of them.
    accounts: chance(kind === 'starknet' ? 0.35 : 0.05) ? (2 as const) : (1 as const),
    nodes: 1 + below(3),
  }))
  const rounds = 1 + below(3)
  // Some troubles last longer than a lost nonce or a pool's memory.
  const troubledMs = rounds * 10_000 + below(chance(0.2) ? 320_000 : 50_000)
  // Two that do not have the same file send from two accounts.
  const severalLanes = chains.some(({ accounts }) => accounts > 1)
  const severalMarkets = chains.some(({ markets }) => markets > 1)
  return {
    seed,
    chains,
    deployments,
    tables,
    processes: severalLanes ? 2 + below(2) : 1 + below(3),
    slotMs: 3_000 + below(5_000),
    latencyMs: [20, 120, 400][below(3)] ?? 0,
    rounds,
    roundSeconds,
    epilogue: severalMarkets && chance(0.12),
    // Each table's own nodes would not say the same of a round.
    publishing: tables === 1 && chance(0.1),
    troubledMs,
    thrifty: chance(0.25),
    faultShare: faults.length === 0 ? 0 : ([0.01, 0.03, 0.08][below(3)] ?? 0),
    faults,
    mailTrouble: undisturbed ? 0 : ([0, 0.1, 0.3][below(3)] ?? 0),
    skewMs: chance(0.3) ? 3_000 : 0,
    events: plannedEvents(),
  }

  function plannedEvents(): readonly PlannedEvent[] {
    if (kinds.length === 0) return []
    return Array.from({ length: below(7) }, (_, at) => ({
      id: `event ${at}`,
      at: below(chance(0.3) ? troubledMs : Math.min(troubledMs, rounds * 10_000 + 20_000)),
      chain: below(chains.length),
      kind: kinds[below(kinds.length)] ?? 'stall',
      size: below(1_000) / 1_000,
      other: below(1_000) / 1_000,
    }))
  }
}

/**
 * Whether a node may be the only one to say what the newest block is. Where blocks are taken back nobody could bear one
 * that lies: what it calls deep would be gone.
 */
export function oneMayAnswer({ events }: Plan): boolean {
  return !events.some(({ kind }) => kind === 'reorg')
}

/**
 * Whether the others are enough against a node that lies about the newest block. Of two the one with the younger block is
 * believed when the other one's is old, so where a chain stands still it takes a third.
 */
export function bearsLiar({ nodes }: ChainPlan, { events }: Plan): boolean {
  return nodes > 2 || (nodes === 2 && !events.some(({ kind }) => kind === 'halt'))
}

/** Two numbers as one that looks like neither. */
export function mixed(seed: number, part: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(part + 1, 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 15), 0x27d4eb2f)
  return (hash ^ (hash >>> 13)) >>> 0
}
