import type { Account } from '../margin/account.ts'
import type { Taker } from '../margin/deleverage-set.ts'
import { coreMargin, type CoreMarks, holdingValue, markOf } from '../margin/starknet-margin.ts'
import { insuranceFundPosition } from '../margin/starknet-order.ts'
import { spotQuotes, spotShare } from '../margin/starknet-spot-share.ts'
import { holdingOf } from '../margin/starknet-trade.ts'
import { closedAt } from './core-closing.ts'
import type { Closing, ClosingVerdict } from './deleverage-in-turn.ts'
import type { CoreLiquidationLook } from './liquidation-look.ts'

/** Whether an account's spot holdings may be deleveraged: the contract wants no others beside them, and a debt. */
export function isSpotOnly({ holdings }: Account, marks: CoreMarks): boolean {
  return holdings.length > 0 && holdings.every(({ asset }) => markOf(marks, asset)?.kind === 'spot')
}

/**
 * Who may take over a spot holding, each all of it: the contract asks the whole share of the debt for any amount, so that a part
 * would leave the account without the rest of its money's worth. First the insurance fund, which is there for that, then whoever
 * has most to spare; nobody needs to hold the asset.
 */
export function spotTakers(
  accounts: readonly Account[],
  {
    bankrupt,
    asset,
    look,
  }: {
    readonly bankrupt: Account
    readonly asset: string
    readonly look: Pick<CoreLiquidationLook, 'marks' | 'generation'>
  },
): readonly Taker[] {
  const most = holdingOf(bankrupt, asset).balance
  const { assetValue, totalValue, debt } = spotShare(bankrupt, asset, look.marks)
  if (!isSpotOnly(bankrupt, look.marks) || most <= 0n || totalValue <= 0n || debt <= 0n) return []
  const price = (assetValue * debt) / totalValue
  return accounts
    .flatMap((account) => {
      const margin = coreMargin(account, look.marks, 'D')
      if (account.id === bankrupt.id || margin.kind === 'unknown') return []
      const spare = margin.value - margin.requirement
      // Whoever would owe for it takes over a debt, not a holding.
      return account.collateral >= price && spare > 0n ? [{ account: account.id, spare }] : []
    })
    .toSorted((one, other) => {
      if (isFund(one) !== isFund(other)) return isFund(one) ? -1 : 1
      if (one.spare !== other.spare) return one.spare > other.spare ? -1 : 1
      return one.account < other.account ? -1 : 1
    })
    .map(({ account }) => ({ account, most }))
}

/** Beyond so many others are only asked in the next slot. */
const mostTakers = 50

/** Those who would be asked first, where one of the bankrupt ones has nothing but spot holdings. `richest` names so many of all accounts. */
export function firstSpotTakers(
  richest: (most: number) => readonly string[],
  {
    bankrupt,
    look,
  }: {
    readonly bankrupt: readonly Account[]
    readonly look: Pick<CoreLiquidationLook, 'marks' | 'generation'>
  },
): readonly string[] {
  if (!bankrupt.some((one) => isSpotOnly(one, look.marks))) return []
  const others = richest(mostTakers).filter((id) => id !== insuranceFundPosition)
  return [insuranceFundPosition, ...others]
}

/** What the contract would say to the whole of a spot holding, at its share of the debt. */
export function judgeSpotClosing(
  { bankrupt, counterparty, asset, size }: Closing,
  { marks, generation }: Pick<CoreLiquidationLook, 'marks' | 'generation'>,
): ClosingVerdict {
  if (generation !== 'D') return { kind: 'no-admissible-quote' }
  const base = -size
  const fair = spotQuotes(bankrupt, { asset, base, interest: 0n }, marks)
  if (fair.kind === 'not-the-whole-holding') return { kind: 'refused', reason: fair.kind }
  if (fair.kind === 'no-admissible-quote') return fair
  const call = {
    generation,
    marks,
    deleveraged: bankrupt,
    deleverager: counterparty,
    asset,
    base,
  }
  return closedAt(quotesIn(fair), call, holdingValue(size, markOf(marks, asset)?.price ?? 0n))
}

/** The middle is the share itself; where that leaves the account no healthier, the most does. */
function quotesIn({ least, most }: { readonly least: bigint; readonly most: bigint }) {
  const middle = (least + most) / 2n
  return [...new Set([middle, most])]
}

function isFund({ account }: { readonly account: string }): boolean {
  return account === insuranceFundPosition
}
