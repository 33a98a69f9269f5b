import { apartBps } from '../../domain/watch/mark-distance.ts'
import type { WatchParameters } from '../../domain/watch/parameters.ts'
import type { MarkMemory } from '../../domain/watch/system-memory.ts'

/** How far a mark may be from ours before it is further than usual, in whole bps: what alerts say too. */
export function usualMarkBps(
  { buckets }: Pick<MarkMemory, 'buckets'>,
  numbers: WatchParameters,
): number {
  // The newest ten minutes are what is judged, not what it is judged by.
  return Math.round(apartBps(buckets.slice(0, -1), numbers))
}
