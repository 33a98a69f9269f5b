import type { Account } from '../margin/account.ts'
import type { SignedLimitOrder } from '../starkex/transaction.ts'
import type { StarkexLiquidationLook } from './liquidation-look.ts'

/** What somebody would take over on a StarkEx exchange. */
export type StarkexOffer = {
  readonly order: SignedLimitOrder
  /** How much of its synthetic is used up, or on its way to be. */
  readonly filled: bigint
}

/** What an order is wanted for: so much of an asset, at no worse than the mark. */
export type StarkexWish = {
  readonly asset: string
  readonly synthetic: bigint
  readonly collateral: bigint
  readonly isBuying: boolean
}

/**
 * What liquidators' orders are wanted for: for each asset and side all that these accounts hold of it, at the mark. A long is
 * bought from its owner, for at most the mark; a short is sold to its owner, for at least that.
 */
export function starkexWishes(
  accounts: readonly Account[],
  { marks }: StarkexLiquidationLook,
): readonly StarkexWish[] {
  const sums = new Map<
    string,
    { readonly asset: string; readonly isBuying: boolean; readonly size: bigint }
  >()
  for (const { holdings } of accounts)
    for (const { asset, balance } of holdings) {
      const isBuying = balance > 0n
      const key = `${asset} ${isBuying}`
      const size = (sums.get(key)?.size ?? 0n) + (isBuying ? balance : -balance)
      sums.set(key, { asset, isBuying, size })
    }
  return [...sums.values()].flatMap(({ asset, isBuying, size }) => {
    const mark = Object.hasOwn(marks, asset) ? marks[asset] : undefined
    if (!mark) return []
    const value = (size * mark.price) >> 32n
    const collateral = isBuying ? value : value + 1n
    const fits = [size, collateral].every((one) => one > 0n && one < mostAmount)
    return fits ? [{ asset, synthetic: size, collateral, isBuying }] : []
  })
}

/** Amounts of StarkEx's orders are of 64 bits. */
const mostAmount = 1n << 64n
