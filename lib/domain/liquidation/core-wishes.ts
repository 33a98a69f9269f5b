import type { Account } from '../margin/account.ts'
import { holdingValue, magnitude, markOf } from '../margin/starknet-margin.ts'
import type { CoreWish } from './core-offer.ts'
import type { CoreLiquidationLook } from './liquidation-look.ts'

/**
 * What liquidators' orders are wanted for: for each asset and side all that these accounts hold of it, at a millionth beyond
 * the mark, so that no rounding of a part stands in the way. A long is bought from its owner, a short is sold to its owner.
 */
export function coreWishes(
  accounts: readonly Account[],
  { marks }: CoreLiquidationLook,
): readonly CoreWish[] {
  const sums = new Map<string, { readonly asset: string; readonly base: bigint }>()
  for (const { holdings } of accounts)
    for (const { asset, balance } of holdings) {
      const key = `${asset} ${balance > 0n}`
      sums.set(key, { asset, base: (sums.get(key)?.base ?? 0n) + balance })
    }
  return [...sums.values()].flatMap(({ asset, base }) => {
    const mark = markOf(marks, asset)
    if (!mark || mark.kind !== 'synthetic' || mark.status) return []
    const quote = beyond(-holdingValue(base, mark.price))
    return quote === 0n || magnitude(base) > mostBase ? [] : [{ asset, base, quote }]
  })
}

/** Worse for who signs by a millionth, and by one unit at least. */
function beyond(quote: bigint): bigint {
  return quote - magnitude(quote) / 1_000_000n - 1n
}

/** Amounts of orders are i64. */
const mostBase = (1n << 63n) - 1n
