import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { VenueRests } from '../../ports.ts'
import { retryAfterMs } from '../retry-after.ts'

/** Until when a venue that asked for it is left alone. */
export type CoolDowns = {
  until(venue: string, now: Timestamp): Timestamp | undefined
  /** Begins one, or makes it longer; never shorter, since several requests may be refused at once. */
  begin(venue: string, retryAfter: string | undefined, now: Timestamp): Timestamp
  /** Takes over what another process was told. */
  learn(rests: VenueRests, now: Timestamp): void
  /** Those that are not over. */
  rests(now: Timestamp): VenueRests
}

/** Where the venue does not say how long: most count requests in windows of one to ten seconds. */
const usualMs = 5_000

/** Binance bans for up to three days and takes that back earlier; asking once in ten minutes harms nobody. */
const mostMs = 10 * 60_000

export function coolDowns(): CoolDowns {
  const ends = new Map<string, Timestamp>()
  return {
    until(venue, now) {
      const end = ends.get(venue)
      return end !== undefined && end > now ? end : undefined
    },
    begin(venue, retryAfter, now) {
      const waitMs = Math.min(retryAfterMs(retryAfter, now) ?? usualMs, mostMs)
      const end = timestamp(Math.max(now + waitMs, ends.get(venue) ?? 0))
      ends.set(venue, end)
      return end
    },
    learn(rests, now) {
      for (const [venue, end] of Object.entries(rests)) {
        // However wrong a stored row is, no venue is left alone for longer than it may ask for.
        const told = Math.min(end, now + mostMs)
        ends.set(venue, timestamp(Math.max(told, ends.get(venue) ?? 0)))
      }
    },
    rests: (now) => Object.fromEntries([...ends].filter(([, end]) => end > now)),
  }
}
