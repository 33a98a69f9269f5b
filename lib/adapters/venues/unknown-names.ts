import { type Instrument, instrumentName } from '../../domain/instrument.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'

/** What a venue did not know when it was asked, so that one delisted name does not cost every tick a search for it. */
export type UnknownNames = {
  /** Until when `instrument` is not asked for. */
  until(venue: string, instrument: Instrument, now: Timestamp): Timestamp | undefined
  learn(venue: string, instrument: Instrument, now: Timestamp): void
}

/** New listings are announced days before; ten minutes late is no loss. */
const forgottenAfterMs = 10 * 60_000

export function unknownNames(): UnknownNames {
  const ends = new Map<string, Timestamp>()
  return {
    until(venue, instrument, now) {
      const end = ends.get(keyOf(venue, instrument))
      return end !== undefined && end > now ? end : undefined
    },
    learn(venue, instrument, now) {
      ends.set(keyOf(venue, instrument), timestamp(now + forgottenAfterMs))
    },
  }
}

function keyOf(venue: string, instrument: Instrument): string {
  return `${venue}:${instrumentName(instrument)}`
}
