import type { FundingUpdate } from '../action.ts'
import type { Timestamp } from '../time.ts'
import { evmEpochAt } from './evm-funding-tick.ts'
import type { FundingLook } from './funding-look.ts'
import type { FundingVote } from './funding-vote.ts'
import type { LatePolicy } from './late-epoch.ts'
import { planCoreFunding } from './plan-core-funding.ts'
import { planEvmFunding } from './plan-evm-funding.ts'
import { planStarkexFunding } from './plan-starkex-funding.ts'
import type { FundingRules } from './rate.ts'
import type { SampleRules } from './samples.ts'

/** How one exchange's funding is reckoned. */
export type FundingPolicy = {
  readonly epochSeconds: number
  /** How often premiums are sampled. */
  readonly slotSeconds: number
  readonly samples: SampleRules
  readonly late: LatePolicy
  /** By market. */
  readonly markets: Readonly<Record<string, FundingRules>>
}

export type FundingView = {
  readonly look: FundingLook
  readonly policy: FundingPolicy
  /** Of the epoch before the one that is now. */
  readonly votes: readonly FundingVote[]
  /** Of each market, what it was told in the newest epoch before this one of which we know. */
  readonly last: readonly SettledFunding[]
}

export type SettledFunding = FundingUpdate & { readonly epoch: number }

export type FundingPlan =
  | {
      readonly kind: 'due'
      readonly epoch: number
      readonly updates: readonly FundingUpdate[]
      readonly whole: boolean
      /** Not before this, by the exchange's own time; absent where it has none of its own. */
      readonly at?: Timestamp
      /** In words, what is not as the rules alone would have it. */
      readonly notes: readonly string[]
    }
  | { readonly kind: 'settled'; readonly epoch: number }
  /** Too little was seen of the epoch before: nothing is paid for it. */
  | { readonly kind: 'no-rate'; readonly epoch: number; readonly detail: string }
  /** The exchange would refuse it now; in its own words. */
  | {
      readonly kind: 'refused'
      readonly epoch: number
      readonly reason: string
      readonly detail: string
    }

/** The epoch that is at a time. What was sampled in the one before it is paid at its beginning. */
export function epochAt(at: Timestamp, epochSeconds: number): number {
  return evmEpochAt(at, epochSeconds)
}

/** What an exchange is to be told of funding in the epoch of its newest block, and whether it would take it. */
export function planFunding(view: FundingView): FundingPlan {
  const epoch = epochAt(view.look.block.time, view.policy.epochSeconds)
  switch (view.look.kind) {
    case 'starknet-perpetual':
      return planCoreFunding(view, view.look, epoch)
    case 'evm-engine':
      return planEvmFunding(view, view.look, epoch)
    case 'starkex':
      return planStarkexFunding(view, view.look, epoch)
  }
}
