import type { Timestamp } from '../time.ts'

export type SlotAtWork = {
  readonly slot: number
  readonly claimedAt: Timestamp
  readonly isEnded: boolean
}

/** A slot that nobody ended is at work for no longer than this: a worker that crashed keeps nobody waiting. */
const leastWorkMs = 5_000

/**
 * Whether another slot of the same job is still at work that was claimed before this one: what it decides is not stored yet,
 * and would be decided again. Of any two that overlap the one that was claimed first goes on.
 */
export function isOverlapped(
  slots: readonly SlotAtWork[],
  {
    slot,
    now,
    everySeconds,
  }: { readonly slot: number; readonly now: Timestamp; readonly everySeconds: number },
): boolean {
  const own = slots.find((one) => one.slot === slot)
  const mostMs = Math.max(3 * everySeconds * 1_000, leastWorkMs)
  return slots.some(
    (other) =>
      other.slot !== slot &&
      !other.isEnded &&
      now - other.claimedAt <= mostMs &&
      (own === undefined ? other.slot < slot : isFirst(other, own)),
  )
}

function isFirst(one: SlotAtWork, other: SlotAtWork): boolean {
  if (one.claimedAt !== other.claimedAt) return one.claimedAt < other.claimedAt
  return one.slot < other.slot
}
