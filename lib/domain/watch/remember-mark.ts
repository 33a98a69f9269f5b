import { Decimal } from '../decimal.ts'
import { timestamp, type Timestamp } from '../time.ts'
import { isApart } from './mark-distance.ts'
import type { WatchParameters } from './parameters.ts'
import type { MarkMemory } from './system-memory.ts'
import type { MarkSight } from './system-sight.ts'

const bucketMs = 10 * 60_000

/** What is known of a published mark after one more look: how far it is from ours, or from the other exchanges' median. */
export function rememberMark(
  known: MarkMemory | undefined,
  last: MarkSight,
  at: Timestamp,
  numbers: WatchParameters,
): MarkMemory {
  const beside = last.ours ?? last.others?.median
  const buckets = known && isOfSameKind(known.last, last) ? known.buckets : []
  if (beside === undefined) return { last, at, buckets }
  const bps = distanceBps(last.mark, beside)
  const start = timestamp(Math.floor(at / bucketMs) * bucketMs)
  const open = buckets.at(-1)
  const isSame = open?.at === start
  const largest = isSame && Math.abs(open.bps) > Math.abs(bps) ? open.bps : bps
  const closed = isSame ? buckets.slice(0, -1) : buckets
  // What is usual is what was so before: a mark that runs away is not judged by itself.
  const apart = isApart(bps, closed, numbers)
  return {
    last,
    at,
    bps,
    ...(apart && { apartSince: known?.apartSince ?? at }),
    buckets: [...closed, { at: start, bps: largest }].slice(-numbers.markSamples),
  }
}

/** What was usual beside ours says nothing of what is beside others. */
function isOfSameKind(before: MarkSight, last: MarkSight): boolean {
  return (
    (before.others === undefined || last.ours === undefined) &&
    (before.ours === undefined || last.others === undefined)
  )
}

/** To a hundredth. */
function distanceBps(mark: string, beside: string): number {
  return new Decimal(mark).sub(beside).div(beside).mul(10_000).toDecimalPlaces(2).toNumber()
}
