import { Decimal } from '../decimal.ts'
import type { Account } from '../margin/account.ts'
import { type AdlCandidate, rankForAdl } from '../margin/adl-ranking.ts'
import type { Taker } from '../margin/deleverage-set.ts'
import { fairQuotes } from '../margin/starknet-deleverage.ts'
import { coreMargin, magnitude, markOf } from '../margin/starknet-margin.ts'
import { marginChange } from '../margin/starknet-quote.ts'
import { holdingOf } from '../margin/starknet-trade.ts'
import { closedAt } from './core-closing.ts'
import {
  type Closing,
  type ClosingVerdict,
  type DeleveragePlan,
  type DeleverageView,
  planDeleverageInTurn,
} from './deleverage-in-turn.ts'
import type { CoreLiquidationLook } from './liquidation-look.ts'
import { judgeSpotClosing, spotTakers } from './plan-spot-deleverage.ts'

type View = DeleverageView<CoreLiquidationLook>

/** Its amounts are counted in smallest units of few dollars' cents. */
const lot = 1n

/**
 * Who shares a loss on starknet-perpetual, at the fair price that the contract leaves: one that keeps the bankrupt account's
 * ratio of value to requirement. Nothing on chain pays for such an account, whatever the insurance fund has; `taken` are those
 * that a liquidator's order would still take.
 */
export function planCoreDeleverage(view: View, taken: ReadonlySet<string>): DeleveragePlan {
  const { marks } = view.look
  const isSpot = (asset: string) => markOf(marks, asset)?.kind === 'spot'
  return planDeleverageInTurn(view, {
    lot,
    isCovered: ({ id }) => taken.has(id),
    canBeClosed: ({ asset }) => {
      const mark = markOf(marks, asset)
      return mark !== undefined && mark.kind !== 'vault-share' && mark.status === undefined
    },
    ranked: (accounts, closed) =>
      isSpot(closed.asset)
        ? spotTakers(accounts, { ...closed, look: view.look })
        : ranking(accounts, { ...closed, view }),
    judge: (closing) =>
      isSpot(closing.asset) ? judgeSpotClosing(closing, view.look) : judged(closing, view.look),
  })
}

function judged(
  { bankrupt, counterparty, asset, size }: Closing,
  { marks, generation }: CoreLiquidationLook,
): ClosingVerdict {
  const mark = markOf(marks, asset)
  const margin = coreMargin(bankrupt, marks, generation)
  const { balance } = holdingOf(bankrupt, asset)
  if (!mark || margin.kind === 'unknown' || balance === 0n)
    return { kind: 'refused', reason: margin.kind === 'unknown' ? margin.reason : 'no-price' }
  const base = balance > 0n ? -size : size
  const change = marginChange({ margin, mark, balance, base, generation })
  const fair = fairQuotes(change, { base, interest: 0n })
  if (fair.kind === 'no-admissible-quote') return fair
  const call = {
    generation,
    marks,
    deleveraged: bankrupt,
    deleverager: counterparty,
    asset,
    base,
  }
  return closedAt(fair.quotes, call, margin.value - change.value)
}

/** Those on the other side in the rule's order. Accounts that lose are asked last by every rule that knows it. */
function ranking(
  counterparties: readonly Account[],
  {
    bankrupt,
    asset,
    view,
  }: { readonly bankrupt: Account; readonly asset: string; readonly view: View },
): readonly Taker[] {
  const { look, rule, slot } = view
  const mark = markOf(look.marks, asset)
  if (!mark) return []
  const theirs = holdingOf(bankrupt, asset)
  const most = new Map<string, bigint>()
  const candidates = counterparties.flatMap((account): readonly AdlCandidate[] => {
    const held = holdingOf(account, asset)
    const margin = coreMargin(account, look.marks, look.generation)
    const isOpposite = held.balance !== 0n && held.balance > 0n !== theirs.balance > 0n
    if (!isOpposite || margin.kind === 'unknown' || account.id === bankrupt.id) return []
    most.set(account.id, magnitude(held.balance))
    return [
      {
        account: account.id,
        size: decimal(held.balance),
        accountValue: decimal(margin.value),
        ...(held.cost !== undefined && {
          entryPrice: decimal(held.cost).div(decimal(held.balance)),
        }),
      },
    ]
  })
  return rankForAdl(candidates, rule, {
    mark: decimal(mark.price).div(2 ** 28),
    bankruptSize: decimal(theirs.balance),
    start: slot,
  }).map(({ account }) => ({ account, most: most.get(account) ?? 0n }))
}

function decimal(amount: bigint): Decimal {
  return new Decimal(String(amount))
}
