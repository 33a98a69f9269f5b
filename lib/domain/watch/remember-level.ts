import { Decimal } from '../decimal.ts'
import { timestamp, type Timestamp } from '../time.ts'
import type { WatchParameters } from './parameters.ts'
import type { LevelBucket, LevelMemory } from './system-memory.ts'
import type { LevelSight } from './system-sight.ts'

/** What is known of a level after one more look. */
export function rememberLevel(
  known: LevelMemory | undefined,
  seen: LevelSight,
  at: Timestamp,
  numbers: WatchParameters,
): LevelMemory {
  const last = withBound(seen, known?.last)
  const { value, floor, ceiling } = last
  const isOut = (floor !== undefined && value < floor) || (ceiling !== undefined && value > ceiling)
  const jumped = jump(known, last, at, numbers) ?? known?.jumped
  return {
    last,
    at,
    ...(isOut && { outSince: known?.outSince ?? at }),
    ...(jumped && { jumped }),
    buckets: hasPast(last) ? bucketsAfter(known?.buckets ?? [], value, at) : [],
  }
}

/** Where a look does not tell by how much it may change, that is what it was. */
function withBound(seen: LevelSight, before: LevelSight | undefined): LevelSight {
  const mostPerHour = seen.mostPerHour ?? before?.mostPerHour
  return mostPerHour === undefined ? seen : { ...seen, mostPerHour }
}

/** Whether it is judged by what it was: an exchange has hundreds of indices of which only the last is. */
function hasPast({ drains, pays, bursts }: LevelSight): boolean {
  return drains === true || pays === true || bursts === true
}

const bucketMs = 5 * 60_000
const maxBuckets = 576

function bucketsAfter(
  buckets: readonly LevelBucket[],
  value: number,
  at: Timestamp,
): readonly LevelBucket[] {
  const start = timestamp(Math.floor(at / bucketMs) * bucketMs)
  const open = buckets.at(-1)
  const isOpen = open?.at === start
  const current = isOpen
    ? { at: start, low: Math.min(open.low, value), high: Math.max(open.high, value) }
    : { at: start, low: value, high: value }
  const closed = isOpen ? buckets.slice(0, -1) : buckets
  return [...closed, current].slice(-maxBuckets)
}

const hourMs = 60 * 60_000

function jump(
  known: LevelMemory | undefined,
  { value, mostPerHour, writtenAt }: LevelSight,
  at: Timestamp,
  { jumpShare }: WatchParameters,
): LevelMemory['jumped'] {
  if (!known || mostPerHour === undefined) return undefined
  const { value: from, writtenAt: before, mostPerHour: mostBefore = 0 } = known.last
  const changed = new Decimal(value).sub(from).abs()
  if (writtenAt === undefined || before === undefined) {
    // What is done once an hour is done at once: an hour's worth is allowed at any time.
    const hours = Math.max(1, (at - known.at) / hourMs)
    return changed.gt(new Decimal(mostPerHour).mul(hours)) ? { at, from, to: value } : undefined
  }
  // Where blocks were undone, it is the older one that was written again.
  const span = Math.abs(writtenAt - before)
  const bound = Decimal.max(mostPerHour, mostBefore).mul(span).div(hourMs)
  const most = bound.mul(new Decimal(1).add(jumpShare))
  return changed.gt(most) ? { at, from, to: value, most: most.toNumber() } : undefined
}
