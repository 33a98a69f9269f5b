import { happenedAt, type Liquidated } from '../liquidation/liquidation-event.ts'
import type { Timestamp } from '../time.ts'

/** What one slot of our job saw and decided. */
export type Slot = {
  readonly at: Timestamp
  /** Its outcome, as a word. */
  readonly reason: string
  readonly candidates: readonly string[]
  readonly taken: readonly string[]
  readonly skipped: readonly { readonly account: string; readonly why: string }[]
}

/** A slot that is older than this says nothing of a liquidation: our job did not run. */
const mostSlotAgeMs = 60_000

/**
 * Why somebody else had it, by the newest slot of ours before: `raced` where ours was on its way, the plan's own word where
 * it skipped the account or decided nothing, `unseen` where it was not found, and `idle` where no slot ran.
 */
export function whyMissed(event: Liquidated, slots: readonly Slot[]): string {
  const { account } = event
  const then = happenedAt(event)
  const before = slots.filter(({ at }) => at <= then && then - at <= mostSlotAgeMs)
  const [newest] = before.toSorted((one, other) => other.at - one.at)
  if (!newest) return 'idle'
  // What was decided in a slot before may still have been on its way.
  if (before.some(({ taken }) => taken.includes(account))) return 'raced'
  const skipped = newest.skipped.find((one) => one.account === account)
  if (skipped) return skipped.why
  if (newest.candidates.includes(account)) return newest.reason
  return refusals.has(newest.reason) ? newest.reason : 'unseen'
}

/** The job's own words for a slot in which nobody could be liquidated. */
const refusals: ReadonlySet<string> = new Set([
  'chain-stalled',
  'paused',
  'grace',
  'l2-suspect',
  'no-positions',
  'positions-behind',
  'stale-prices',
  'too-late',
])
