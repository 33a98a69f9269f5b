import type { BatchContent } from '../../domain/proving/batch.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'

/** When a batch is full, or old enough. */
export type ClosingRules = {
  /** No batch has more, unless one block alone does. */
  readonly maxCount: number
  /** The same for the other measure. */
  readonly maxSize: number
  /** No block of a batch is so much later than its first. */
  readonly maxAgeMs: number
}

/** What of a block decides where a batch ends. */
export type WeighedBlock = {
  readonly time: Timestamp
  readonly count: number
  readonly size: number
  /** Blocks of two kinds are never in one batch; absent where there is one kind. */
  readonly kind?: string
}

/** The first batch of some blocks: so many of them. */
export type Closing = Pick<BatchContent, 'closedBy' | 'closedAt'> & { readonly blocks: number }

/**
 * Where the first batch of these blocks ends, by the rule that trips first; undefined while none does. The blocks alone decide:
 * whoever looks later, with more of them, finds the same end. `complete`: no block before that time is to come any more;
 * absent where these are not all that there are.
 */
export function firstClosing(
  blocks: readonly WeighedBlock[],
  { maxCount, maxSize, maxAgeMs }: ClosingRules,
  complete?: Timestamp,
): Closing | undefined {
  const [first] = blocks
  if (!first) return undefined
  const oldAt = timestamp(first.time + maxAgeMs)
  let [count, size] = [0, 0]
  for (const [at, block] of blocks.entries()) {
    const { time } = block
    if (at > 0) {
      // Age first: it is over then, whatever comes next, and may have been closed before anything did.
      if (time >= oldAt) return { blocks: at, closedBy: 'age', closedAt: oldAt }
      if (block.kind !== first.kind) return { blocks: at, closedBy: 'source', closedAt: time }
      if (count + block.count > maxCount) return { blocks: at, closedBy: 'count', closedAt: time }
      if (size + block.size > maxSize) return { blocks: at, closedBy: 'size', closedAt: time }
    }
    count += block.count
    size += block.size
    // Full with it: nobody need wait for the next one.
    if (count >= maxCount) return { blocks: at + 1, closedBy: 'count', closedAt: time }
    if (size >= maxSize) return { blocks: at + 1, closedBy: 'size', closedAt: time }
  }
  if (complete === undefined || complete < oldAt) return undefined
  return { blocks: blocks.length, closedBy: 'age', closedAt: oldAt }
}

/** Blocks carry the time at which they were begun, and clocks differ: by then every block of a time is there. */
const lateBlockMs = 60_000

/** No block before that time is to come any more, where that one is the newest. */
export function completeBefore(newest: { readonly time: Timestamp }, now: Timestamp): Timestamp {
  return timestamp(Math.max(newest.time, now - lateBlockMs))
}
