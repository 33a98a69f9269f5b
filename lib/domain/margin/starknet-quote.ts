import type { Margin } from './account.ts'
import { ceilDiv } from './floor-div.ts'
import { type CoreGeneration, type CoreMark, holdingMargin } from './starknet-margin.ts'

/** What a change of one holding does to a margin before any money moves. */
export type MarginChange = {
  readonly before: Margin
  /** TV afterwards, less what is paid or received; TR afterwards. */
  readonly value: bigint
  readonly requirement: bigint
}

/** `balance`: the holding now; `base`: its change. */
export function marginChange({
  margin,
  mark,
  balance,
  base,
  generation,
}: {
  readonly margin: Margin
  readonly mark: CoreMark
  readonly balance: bigint
  readonly base: bigint
  readonly generation: CoreGeneration
}): MarginChange {
  const now = holdingMargin(balance, mark, generation)
  const later = holdingMargin(balance + base, mark, generation)
  return {
    before: margin,
    value: margin.value + later.value - now.value,
    requirement: margin.requirement + later.requirement - now.requirement,
  }
}

/**
 * The smallest quote that the position must get for the contract to accept a reduction; below zero it may pay that much.
 * `deductions`: its fee less its interest. The same for `liquidate` and `liquidate_spot_asset`.
 */
export function leastQuote(
  change: MarginChange,
  generation: CoreGeneration,
  deductions: bigint,
): bigint {
  return leastValue(change, generation) - change.value + deductions
}

/** The least TV afterwards with which the position is healthy or healthier. */
function leastValue({ before, requirement }: MarginChange, generation: CoreGeneration): bigint {
  const healthier = healthierValue({ before, requirement }, generation)
  return healthier !== undefined && healthier < requirement ? healthier : requirement
}

function healthierValue(
  { before, requirement }: Pick<MarginChange, 'before' | 'requirement'>,
  generation: CoreGeneration,
): bigint | undefined {
  if (generation !== 'D') {
    const falls = requirement > 0n && requirement < before.requirement
    return falls ? ratioValue(before, requirement) : undefined
  }
  if (before.requirement === 0n) return requirement === 0n ? before.value + 1n : undefined
  if (requirement === 0n) return before.value - before.requirement
  return requirement <= before.requirement ? ratioValue(before, requirement) : undefined
}

/** `TV0 · TR1 / TR0`, rounded up: the TV that keeps the ratio. */
export function ratioValue(before: Margin, requirement: bigint): bigint {
  return ceilDiv(before.value * requirement, before.requirement)
}
