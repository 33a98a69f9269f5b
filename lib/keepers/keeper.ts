import type { Action } from '../domain/action.ts'
import type { Once } from '../domain/once.ts'
import type { Timestamp } from '../domain/time.ts'
import type { TickOutcome } from '../ports.ts'

/**
 * One job under one set of parameters: what it looks at, and what it makes of that. `decide` is pure and its result is data. What it
 * goes by of the parameters is the keeper's own, whatever the view brings: so the same view can be decided on under another set.
 */
export type Keeper<View> = {
  readonly job: string
  /** All that `decide` goes by of the parameters, as data that has an exact text: keepers of a job with equal settings decide the same. */
  readonly settings: unknown
  observe(slot: KeeperSlot): Promise<View>
  /** `once`: shared with other keepers of this job that decide on the very same view. */
  decide(view: View, once?: Once): Decision
  /** What people are shown of a view. */
  recorded(view: View): unknown
  /** All that `decide` goes by beside the parameters, as plain data; absent where that is the view as it is. */
  kept?(view: View): unknown
  /** A view that is decided on as the one that was kept; absent where that is what was kept. */
  restored?(kept: unknown): View
}

export type KeeperSlot = {
  readonly subject: string
  readonly slot: number
  /** When the slot begins. */
  readonly slotAt: Timestamp
  /** When the worker must be done. */
  readonly until: Timestamp
  /** Aborts where it must be done sooner: nothing is waited for any more, and what is stored is for whoever comes next. */
  readonly signal?: AbortSignal | undefined
}

export type Decision = {
  readonly actions: readonly Action[]
  readonly outcome: Pick<TickOutcome, 'kind' | 'reason' | 'detail'>
  /** What history keeps of the decision beside its outcome. */
  readonly recorded: unknown
}
