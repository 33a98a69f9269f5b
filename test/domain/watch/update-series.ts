import { timestamp, type Timestamp } from '../../../lib/domain/time.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

export type Update = {
  readonly at: Timestamp
  /** How much later than it would have come; 0 where it came as usual. */
  readonly stalledMs: number
}

/** Numbers from 0 to 1 that are the same each time (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * State updates of so many days as operators bring them: every two hours, at night half as long again, slower through a gas
 * spike each week, each a little early or late, and from one day on at another pace, until it is back at the first one.
 * `stalls`: by which update one is late, and by how much.
 */
export function updateSeries({
  from,
  days,
  random,
  pace: firstPace = 2 * hour,
  pacesTo = 3.2 * hour,
  changesAtDay = 45,
  backAtDay = Infinity,
  stalls = new Map(),
}: {
  readonly from: Timestamp
  readonly days: number
  readonly random: () => number
  readonly pace?: number
  readonly pacesTo?: number
  readonly changesAtDay?: number
  readonly backAtDay?: number
  readonly stalls?: ReadonlyMap<number, number>
}): readonly Update[] {
  const updates: Update[] = [{ at: from, stalledMs: 0 }]
  for (;;) {
    const last = updates.at(-1)?.at ?? from
    const atDay = (last - from) / day
    const pace = atDay < changesAtDay || atDay >= backAtDay ? firstPace : pacesTo
    const jitter = 1 + 0.15 * normal(random)
    const usual = pace * nightly(last) * gas(last) * Math.min(1.6, Math.max(0.5, jitter))
    const stalledMs = stalls.get(updates.length) ?? 0
    const at = timestamp(Math.round(last + usual + stalledMs))
    if (at >= from + days * day) return updates
    updates.push({ at, stalledMs })
  }
}

function nightly(at: number): number {
  return at % day < 6 * hour ? 1.5 : 1
}

/** On Wednesdays from 14:00 to 20:00 UTC settling waits for cheaper blocks. */
function gas(at: number): number {
  const weekday = (Math.floor(at / day) + 4) % 7
  const isSpike = weekday === 3 && at % day >= 14 * hour && at % day < 20 * hour
  return isSpike ? 1.8 : 1
}

function normal(random: () => number): number {
  const sum = Array.from({ length: 12 }, () => random()).reduce((total, one) => total + one, 0)
  return sum - 6
}
