import type { Account } from './account.ts'
import { ceilDiv, floorDiv } from './floor-div.ts'
import { coreMargin, type CoreMarks, holdingMargin, markOf } from './starknet-margin.ts'
import { holdingOf } from './starknet-trade.ts'

/** What generation D weighs in the deleverage of a spot asset: the holding's part of all that stands against the debt. */
export type SpotShare = {
  /** Of the whole holding, whatever is taken of it: value less risk. */
  readonly assetValue: bigint
  readonly totalValue: bigint
  /** Above zero where there is one. */
  readonly debt: bigint
}

export function spotShare(account: Account, asset: string, marks: CoreMarks): SpotShare {
  const worth = (one: string) => {
    const mark = markOf(marks, one)
    return mark?.kind === 'spot'
      ? holdingMargin(holdingOf(account, one).balance, mark, 'D').value
      : 0n
  }
  const margin = coreMargin(account, marks, 'D')
  return {
    assetValue: worth(asset),
    totalValue: account.holdings.reduce((sum, one) => sum + worth(one.asset), 0n),
    debt: margin.kind === 'margin' ? -margin.collateral : 0n,
  }
}

/** The contract's bounds: `(asset ± 1) / total` of the debt, whatever amount is taken for it. */
export function isFairSpotQuote(share: SpotShare, quote: bigint): boolean {
  const { assetValue, totalValue, debt } = share
  const paid = quote * totalValue
  return debt > 0n && (assetValue - 1n) * debt <= paid && paid <= (assetValue + 1n) * debt
}

export type SpotQuotes =
  | { readonly kind: 'quotes'; readonly least: bigint; readonly most: bigint }
  /** The contract would take it: a part of the holding at the price of the whole. */
  | { readonly kind: 'not-the-whole-holding' }
  | { readonly kind: 'no-admissible-quote' }

/**
 * What we propose for a spot holding in a deleverage: only the whole of it, since the contract asks the whole share of the debt
 * for a single unit too, and would let the deleveraged position lose the rest of that.
 */
export function spotQuotes(
  account: Account,
  { asset, base, interest }: SpotTaken,
  marks: CoreMarks,
): SpotQuotes {
  if (base !== -holdingOf(account, asset).balance) return { kind: 'not-the-whole-holding' }
  const { assetValue, totalValue, debt } = spotShare(account, asset, marks)
  if (debt <= 0n || totalValue <= 0n) return { kind: 'no-admissible-quote' }
  const least = ceilDiv((assetValue - 1n) * debt, totalValue) - interest
  const most = floorDiv((assetValue + 1n) * debt, totalValue) - interest
  if (most <= 0n) return { kind: 'no-admissible-quote' }
  return { kind: 'quotes', least: least > 0n ? least : 1n, most }
}

export type SpotTaken = {
  readonly asset: string
  readonly base: bigint
  readonly interest: bigint
}
