import type { FinalitySight } from '../../domain/watch/system-sight.ts'
import { middle } from './ask-places.ts'

/** Fewer intervals than these say nothing of the usual one. */
const fewest = 3

/**
 * How long the newest block can still be disputed: half the usual time between two claims, which it waits on average for the next
 * one that holds it, then as long as that one can be disputed, and until L1 is final. Undefined where too few claims were seen.
 */
export function optimisticFinality({
  by,
  claims,
  disputeMs,
  withdrawalMs,
  l1FinalityMs,
  words,
}: {
  readonly by: FinalitySight['by']
  /** When they were made, oldest first, in ms. */
  readonly claims: readonly number[]
  /** From a claim until it cannot be disputed any more, where nobody does. */
  readonly disputeMs: number
  /** From a claim until what was withdrawn before it can be had, where it is proven with the claim itself. */
  readonly withdrawalMs: number
  readonly l1FinalityMs: number
  /** What the two were computed of. */
  readonly words: string
}): FinalitySight | undefined {
  const intervals = claims.slice(1).map((at, before) => at - (claims[before] ?? at))
  const usual = middle(intervals, (ms) => ms)
  if (usual === undefined || intervals.length < fewest) return undefined
  const waits = Math.round(usual / 2)
  return {
    by,
    finalMs: waits + disputeMs + l1FinalityMs,
    withdrawalMs: waits + withdrawalMs,
    basis: `half of ${minutes(usual)} between claims (the middle one of ${intervals.length}); ${words}; ${minutes(l1FinalityMs)} until L1 is final`,
  }
}

function minutes(ms: number): string {
  return `${(ms / 60_000).toFixed(1)} min`
}

/** Nobody can say yet how often a claim is made. */
export class TooFewClaimsError extends Error {
  override readonly name = 'TooFewClaimsError'

  constructor() {
    super('too few claims of the state were seen')
  }
}
