import type { Timestamp } from '../../domain/time.ts'
import type { ChangeMemory } from '../../domain/watch/system-memory.ts'

/**
 * When a change took effect; undefined where it has not. A watch that was not there when it did knows only since when it was
 * possible: then `isEarliest`.
 */
export function tookEffectAt({
  announcedAt,
  effectiveAt,
  seenAt,
  doneAt,
}: Pick<ChangeMemory, 'announcedAt' | 'effectiveAt' | 'seenAt' | 'doneAt'>):
  | { readonly at: Timestamp; readonly isEarliest: boolean }
  | undefined {
  if (doneAt === undefined) return undefined
  // It was its own announcement, as an event on a chain is.
  if (effectiveAt === announcedAt) return { at: announcedAt, isEarliest: false }
  if (seenAt < doneAt) return { at: doneAt, isEarliest: false }
  const isPast = effectiveAt !== undefined && effectiveAt <= doneAt
  return { at: isPast ? effectiveAt : announcedAt, isEarliest: true }
}
