import type { Account } from '../../lib/domain/margin/account.ts'
import { evmMargin } from '../../lib/domain/margin/evm-margin.ts'
import { accountAt, bookAt, markets } from '../bench/many-accounts.ts'

/** How many accounts an exchange has, and what one fall of all prices does to them. */
export type BurstShape = {
  readonly accounts: number
  /** So many fall below the margin and have something left. */
  readonly liquidations: number
  /** So many positions are of accounts that have less than nothing: each must be closed against somebody else's. */
  readonly deleverages: number
}

/**
 * 10 October 2025 on Hyperliquid, 21:15 to 21:27 UTC: the data touch 437,723 accounts, and in the worst second 11,279
 * liquidations were met by as many deleverages.
 */
export const october: BurstShape = { accounts: 400_000, liquidations: 11_279, deleverages: 11_279 }

/** How far all prices fall at once. */
export const fall = 0.06

/** Accounts of that shape, always the same for a seed: of each kind so many as are wanted are taken, and no more. */
export function burstBook(
  { accounts, liquidations, deleverages }: BurstShape,
  seed: number,
): readonly Account[] {
  const after = bookAt(markets.map(() => 1 - fall))
  const taken: Account[] = []
  let left = { weak: liquidations, positions: deleverages, well: accounts - liquidations }
  for (let number = 0; left.weak > 0 || left.positions > 0 || left.well > 0; number += 1) {
    const account = accountAt(number, seed)
    const margin = evmMargin(account, after)
    if (margin.kind === 'unknown') continue
    const held = account.holdings.length
    const isBroke = margin.value < 0n
    const isWeak = !isBroke && margin.value < margin.requirement
    if (isBroke ? held > left.positions : isWeak ? left.weak === 0 : left.well <= 0) continue
    left = {
      weak: left.weak - (isWeak ? 1 : 0),
      positions: left.positions - (isBroke ? held : 0),
      well: left.well - (isWeak ? 0 : 1),
    }
    taken.push(account)
  }
  return taken
}
