import type { Margin } from './account.ts'
import type { CoreGeneration } from './starknet-margin.ts'

/**
 * Whether a position may go from one margin to another: it is healthy afterwards, or healthier than before
 * (value_risk_calculator.cairo). Before D risk must fall, and without risk nothing but health will do; in D risk may stay,
 * and the last risky holding of a position with bad debt may be closed.
 */
export function isHealthyOrHealthier(
  before: Margin,
  after: Margin,
  generation: CoreGeneration,
): boolean {
  if (after.value >= after.requirement) return true
  if (generation !== 'D')
    return (
      before.requirement > 0n &&
      after.requirement > 0n &&
      after.requirement < before.requirement &&
      isRatioKept(before, after)
    )
  if (before.requirement === 0n) return after.requirement === 0n && after.value > before.value
  if (after.requirement === 0n) return after.value >= before.value - before.requirement
  return after.requirement <= before.requirement && isRatioKept(before, after)
}

/** `TV / TR` is not lower than before. */
export function isRatioKept(before: Margin, after: Margin): boolean {
  return after.value * before.requirement >= before.value * after.requirement
}
