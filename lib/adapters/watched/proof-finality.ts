import type { Timestamp } from '../../domain/time.ts'
import type { FinalitySight } from '../../domain/watch/system-sight.ts'

/** Fewer intervals than these say nothing of the usual one. */
const fewest = 3

/**
 * How long the newest block waits for its proof: half the usual time between two updates, which it waits on average for the next
 * one's blocks to be complete, and as long as the last update was behind its own newest block; then until L1 is final. A
 * withdrawal can be had with the update itself. Undefined where too few updates were seen.
 */
export function proofFinality({
  updates,
  settledBlockAt,
  l1FinalityMs,
}: {
  /** When each update was, oldest first. */
  readonly updates: readonly Timestamp[]
  /** The time of the newest block that the last update holds. */
  readonly settledBlockAt: Timestamp
  readonly l1FinalityMs: number
}): FinalitySight | undefined {
  const last = updates.at(-1)
  const intervals = updates.slice(1).map((at, before) => at - (updates[before] ?? at))
  if (last === undefined || intervals.length < fewest) return undefined
  const usual = median(intervals)
  const behind = Math.max(0, last - settledBlockAt)
  const withdrawalMs = Math.round(usual / 2) + behind
  return {
    by: 'validity proof',
    finalMs: withdrawalMs + l1FinalityMs,
    withdrawalMs,
    basis: `half of ${minutes(usual)} between updates (median of ${intervals.length}), ${minutes(behind)} from a block to the update that holds it (the last one), ${minutes(l1FinalityMs)} until L1 is final`,
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const half = Math.floor(sorted.length / 2)
  const upper = sorted[half] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2
}

function minutes(ms: number): string {
  return `${(ms / 60_000).toFixed(1)} min`
}
