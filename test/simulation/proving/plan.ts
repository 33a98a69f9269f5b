import { seeded } from '../../keepers/lane/workers.ts'
import { mixed, type Plan, planOf } from '../plan.ts'

/** Everything that the number of a schedule of batches decides before anything happens. */
export type ProvingPlan = {
  /** Of the processes and their calls. */
  readonly calls: Plan
  readonly batches: number
  readonly blocksEach: number
  readonly closeEveryMs: number
  readonly slotMs: number
  readonly workers: number
  readonly blockMs: number
  readonly finalityBlocks: number
  readonly provers: readonly ProverPlan[]
  /** What settling costs by L1 block, and what it may cost; absent where nobody has said. */
  readonly feeCap: bigint | undefined
  readonly spike: { readonly from: number; readonly until: number } | undefined
  /** How long after it was closed the contract takes a batch; absent: for ever. */
  readonly settleWithinMs: number | undefined
  readonly troubledMs: number
  readonly events: readonly ProvingEvent[]
}

export type ProverPlan = {
  readonly proveMs: number
  /** How long after it says that it is done the fact is in a block. */
  readonly registerMs: number
  /** In a thousand jobs, while there is trouble. */
  readonly outcomes: Readonly<Record<Exclude<Outcome, 'done'>, number>>
}

export type Outcome =
  | 'done'
  | 'failed'
  | 'rejected'
  | 'never'
  | 'mocked'
  | 'wrong'
  | 'weak'
  | 'unregistered'
  | 'unknown'
  | 'forgotten'

export type ProvingEvent = {
  readonly id: string
  readonly at: number
  readonly kind: (typeof eventKinds)[number]
  readonly size: number
}

export const eventKinds = [
  'l2-reorg',
  'l1-reorg',
  'l1-stall',
  'prover-outage',
  'run-missing',
  'run-wrong',
  'files-lost',
  'settled-by-others',
  'revert',
  'configuration',
  'held-by-hand',
] as const

export function provingPlanOf(seed: number): ProvingPlan {
  const dice = seeded(mixed(seed, 77))
  const below = (n: number): number => dice.below(n)
  const chance = (share: number): boolean => dice.chance(share)
  const calls = planOf(seed)
  const undisturbed = calls.faultShare === 0 && calls.events.length === 0
  const odds = (most: number): number => (undisturbed || chance(0.5) ? 0 : below(most))
  const kinds = eventKinds.filter(() => chance(0.4) && !undisturbed)
  const troubledMs = 200_000 + below(500_000)
  return {
    calls,
    batches: 10,
    blocksEach: 1 + below(4),
    closeEveryMs: 2_000 + below(40_000),
    slotMs: 4_000 + below(8_000),
    workers: 1 + below(3),
    blockMs: 6_000 + below(8_000),
    finalityBlocks: 3 + below(4),
    provers: Array.from({ length: 1 + below(2) }, () => ({
      proveMs: 5_000 + below(60_000),
      registerMs: below(30_000),
      outcomes: {
        failed: odds(200),
        rejected: odds(60),
        never: odds(80),
        mocked: odds(60),
        wrong: odds(60),
        weak: odds(100),
        unregistered: odds(60),
        unknown: odds(100),
        forgotten: odds(80),
      },
    })),
    feeCap: chance(0.4) ? 100n : undefined,
    spike:
      chance(0.3) && !undisturbed
        ? { from: below(troubledMs), until: below(2 * troubledMs) }
        : undefined,
    settleWithinMs: chance(0.3) ? 3_600_000 : undefined,
    troubledMs,
    events:
      kinds.length === 0
        ? []
        : Array.from({ length: below(7) }, (_, at) => ({
            id: `event ${at}`,
            at: below(troubledMs),
            kind: kinds[below(kinds.length)] ?? 'l1-stall',
            size: below(1_000) / 1_000,
          })),
  }
}
