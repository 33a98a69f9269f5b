import type { Timestamp } from '../time.ts'

/** So many slots in a row are missing, between two that are there. */
export type Gap = { readonly after: Timestamp; readonly before: Timestamp; readonly slots: number }

type Slot = { readonly slot: number; readonly at: Timestamp }

/** No job has shorter slots. Where the numbers of slots run faster than that, its cadence was changed. */
const shortestSlotMs = 500

/** What is missing among slots, which come oldest first. */
export function gapsIn(slots: readonly Slot[]): readonly Gap[] {
  return slots.flatMap((one, index) => {
    const before = slots[index - 1]
    return before ? gapBetween(before, one) : []
  })
}

/** Nothing where they follow each other, or are of two cadences. */
export function gapBetween(one: Slot, next: Slot): readonly Gap[] {
  const slots = next.slot - one.slot - 1
  const isGap = slots > 0 && next.at - one.at >= slots * shortestSlotMs
  return isGap ? [{ after: one.at, before: next.at, slots }] : []
}
