import type { Timestamp } from '../../domain/time.ts'
import type { ChangeSight } from '../../domain/watch/system-sight.ts'

/** What is said less than an hour before was not announced: nobody could prepare for it. */
const leastNoticeMs = 3_600_000

/**
 * A change that took effect then. What it announced is left of it only where that was said long enough before, and is so still:
 * what came after it was for another change to announce.
 */
export function tookEffect(
  change: ChangeSight,
  at: Timestamp,
  settings: Readonly<Record<string, string | undefined>>,
): ChangeSight {
  const wasAnnounced = at - change.announcedAt >= leastNoticeMs
  const isSo = Object.entries(change.announces).every(([name, value]) => settings[name] === value)
  return { ...change, state: 'done', announces: wasAnnounced && isSo ? change.announces : {} }
}
