import { timestamp, type Timestamp } from '../time.ts'

/** No worker lives longer: Lambda's own limit. A slot is kept, or looked at again, within this time or never. */
export const longestWorkMs = 15 * 60_000

/** So much later nobody writes into an hour any more, even where clocks are apart. */
const settledMs = longestWorkMs + 5 * 60_000

/**
 * How long a file is at most. Of a shorter time all of them would be larger, since most of what is in one is told by what came
 * before: of ten minutes by 32 % where prices are made and 17 % where they are pushed, of half an hour by 8 and 3 %, measured on
 * four hours of one market as `test/bench/history-records.ts` makes them. Of four hours they would be 8 and 5 % smaller, but take
 * more memory than a small function has, and nobody could look at it before.
 */
export const hourMs = 60 * 60_000

/** Before that time all hours are over, and what belongs into them is there. */
export function settledBefore(now: Timestamp): Timestamp {
  return hourOf(timestamp(Math.max(0, now - settledMs)))
}

/** When the hour began. */
export function hourOf(at: Timestamp): Timestamp {
  return timestamp(Math.floor(at / hourMs) * hourMs)
}
