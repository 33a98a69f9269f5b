import type { Action } from '../action.ts'
import type { FeedResult } from '../price-round.ts'
import type { Timestamp } from '../time.ts'

/** One slot of one job, decided by two sets on the same view. */
export type ComparedSlot = {
  readonly job: string
  readonly subject: string
  readonly slot: number
  readonly at: Timestamp
  readonly active: SlotDecision
  readonly candidate: SlotDecision
}

/** As it was kept. */
export type SlotDecision = {
  readonly actions: readonly Action[]
  readonly outcome: { readonly kind: string; readonly reason: string; readonly detail: string }
  readonly recorded: unknown
}

/** What publish-prices records of its round; empty for other jobs. */
export function feedsOf({ recorded }: Pick<SlotDecision, 'recorded'>): readonly FeedResult[] {
  return (memberOf(recorded, 'feeds') ?? []) as readonly FeedResult[]
}

export function memberOf(recorded: unknown, key: string): unknown {
  if (typeof recorded !== 'object' || recorded === null || !Object.hasOwn(recorded, key))
    return undefined
  return (recorded as Readonly<Record<string, unknown>>)[key]
}

/** `hold jump`, `refused too-few-sources`; undefined where there is a price. */
export function refusalOf({ outcome }: FeedResult): string | undefined {
  return outcome.kind === 'price' ? undefined : `${outcome.kind} ${outcome.reason}`
}
