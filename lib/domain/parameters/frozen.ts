import type { Timestamp } from '../time.ts'
import type { ChangeSight } from '../watch/system-sight.ts'

/** A change on a chain that somebody has announced, of a watched system. */
export type AnnouncedChange = Pick<ChangeSight, 'title' | 'state' | 'announcedAt'> & {
  readonly system: string
  readonly effectiveAt?: Timestamp
}

/**
 * Around which announced change a moment is, in words: parameters stay as they are then, so that nobody must ask which of the two
 * it was. Undefined where it is around none. One that took effect without notice, or of which nobody knows when it will, freezes
 * nothing.
 */
export function frozenBy(
  changes: readonly AnnouncedChange[],
  at: Timestamp,
  frozenMs: number,
): string | undefined {
  const near = changes.find(
    ({ state, announcedAt, effectiveAt }) =>
      state !== 'dropped' &&
      effectiveAt !== undefined &&
      announcedAt < effectiveAt &&
      Math.abs(effectiveAt - at) <= frozenMs,
  )
  if (near?.effectiveAt === undefined) return undefined
  return `"${near.title}" of ${near.system}, which takes effect ${new Date(near.effectiveAt).toISOString()}`
}
