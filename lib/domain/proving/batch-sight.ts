import type { IntentState } from '../intent.ts'
import type { Timestamp } from '../time.ts'
import type { HumanReason } from './batch.ts'
import type { ProverJob } from './prover-job.ts'
import type { Place, SettlementSight } from './settlement-place.ts'

/** What was asked of somebody, or why there is no answer: that never says anything of what was asked about. */
export type Asked<Value> =
  | { readonly kind: 'told'; readonly value: Value }
  | { readonly kind: 'trouble'; readonly message: string; readonly retryAfterMs?: number }

/** Everything that decides a batch's next step. */
export type BatchSight = {
  readonly now: Timestamp
  /** From 0 to 1, for waiting times that do not meet. */
  readonly jitter: number
  /** Whether the chain that it is of still has its blocks. */
  readonly stands: Asked<boolean>
  readonly settlement: Asked<SettlementSight>
  readonly place: Place | undefined
  /** All batches before it are settled. */
  readonly isNext: boolean
  /** Its lane is held by somebody, or suspect since that batch. */
  readonly isHeld: boolean
  readonly suspectSince: number | undefined
  /** Of the key under which it is with a prover, or will be; absent where nobody was asked. */
  readonly job?: Asked<ProverJob | undefined>
  readonly fact?: Asked<FactSight>
  readonly trial?: Asked<SettleTrial>
  /** Of its settling transaction; undefined where there is none of that name. */
  readonly intent?: IntentState | undefined
}

/** What a fact registry says. */
export type FactSight =
  | { readonly kind: 'absent' }
  | { readonly kind: 'strong' }
  /** Registered, and why that is not enough. */
  | { readonly kind: 'weak'; readonly reason: string }

/** What would happen if it were settled now. */
export type SettleTrial =
  /** The most that it would cost, in the fee token's smallest unit. */
  | { readonly kind: 'ok'; readonly most: bigint }
  /** Something beside its fact must be there first, and is not: what, in words. */
  | { readonly kind: 'missing'; readonly what: string }
  | ({ readonly kind: 'reverted'; readonly reason: string } & RevertMeaning)

/** What a refusal of the settlement contract asks for. */
export type RevertMeaning =
  /** The registry does not have the fact yet. */
  | { readonly meaning: 'wait' }
  /** Somebody else was faster, or the chain moved. */
  | { readonly meaning: 're-read' }
  | {
      readonly meaning: 'human'
      readonly why: Extract<HumanReason, 'unsettleable' | 'configuration' | 'bug'>
    }
