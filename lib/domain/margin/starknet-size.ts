import type { Account, Margin } from './account.ts'
import { ceilDiv } from './floor-div.ts'
import {
  coreMargin,
  type CoreGeneration,
  type CoreMarks,
  magnitude,
  markOf,
} from './starknet-margin.ts'
import { marginChange } from './starknet-quote.ts'
import { holdingOf } from './starknet-trade.ts'

export type SizeView = {
  readonly account: Account
  readonly asset: string
  readonly marks: CoreMarks
  readonly generation: CoreGeneration
  /** Of the value closed, to the insurance fund, rounded up. */
  readonly feeBps: bigint
  /** How much value for each 10,000 of requirement is wanted afterwards; 10,000 is just healthy. */
  readonly targetBps: bigint
}

export type HealthySize =
  /** Above zero, in the asset's smallest units: closing so much at the mark is enough. */
  | { readonly kind: 'size'; readonly size: bigint }
  /** Even all of it is not: whoever liquidates takes all of it, or none. */
  | { readonly kind: 'whole-is-not-enough' }
  | { readonly kind: 'unknown'; readonly reason: string }

/**
 * The smallest size whose closing at the mark gives an account the wanted margin, by halving over the contract's own
 * arithmetic. What is found is enough; where the fee eats more than the closing frees, a smaller one may be too.
 */
export function healthySize(view: SizeView): HealthySize {
  const { account, asset, marks, generation } = view
  const margin = coreMargin(account, marks, generation)
  if (margin.kind === 'unknown') return { kind: 'unknown', reason: margin.reason }
  const { balance } = holdingOf(account, asset)
  const isEnough = (size: bigint) => isWanted(marginAfter(view, margin, size), view.targetBps)
  if (balance === 0n || !isEnough(magnitude(balance))) return { kind: 'whole-is-not-enough' }
  let tooSmall = 0n
  let enough = magnitude(balance)
  while (enough - tooSmall > 1n) {
    const middle = (tooSmall + enough) / 2n
    if (isEnough(middle)) enough = middle
    else tooSmall = middle
  }
  return { kind: 'size', size: enough }
}

/** The quote is exactly the value given up, so that only the fee changes TV. */
function marginAfter(view: SizeView, margin: Margin, size: bigint): Margin {
  const { account, asset, marks, generation, feeBps } = view
  const mark = markOf(marks, asset)
  if (!mark) return margin
  const { balance } = holdingOf(account, asset)
  const base = balance > 0n ? -size : size
  const change = marginChange({ margin, mark, balance, base, generation })
  const synthetic = { ...mark, kind: 'synthetic' } as const
  const worth = marginChange({ margin, mark: synthetic, balance, base, generation })
  const quote = margin.value - worth.value
  const fee = ceilDiv(magnitude(quote) * feeBps, 10_000n)
  return { value: change.value + quote - fee, requirement: change.requirement }
}

function isWanted({ value, requirement }: Margin, targetBps: bigint): boolean {
  return value >= 0n && value * 10_000n >= requirement * targetBps
}
