import { Decimal } from '../decimal.ts'
import type { Account } from '../margin/account.ts'
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
import { takersInOrder, type TakingCandidate } from './takers-in-order.ts'

type View = DeleverageView<CoreLiquidationLook>

/** Its amounts are counted in smallest units of few dollars' cents. */
const lot = 1n

/**
 * Who shares a loss on starknet-perpetual, at the fair price that the contract leaves: one that keeps the bankrupt account's
 * ratio of value to requirement. Nothing on chain pays for such an account, whatever the insurance fund has; `taken` are those
 * that a liquidator's order would still take.
 */
export function planCoreDeleverage(view: View, taken: ReadonlySet<string>): DeleveragePlan {
  const { look } = view
  const { marks } = look
  const isSpot = (asset: string) => markOf(marks, asset)?.kind === 'spot'
  // Accounts that lose are asked last by every rule that knows it.
  const inOrder = takersInOrder(view, {
    takingOf: (account, asset) => takingOf(account, asset, look),
    markOf: (asset) => decimal(markOf(marks, asset)?.price ?? 0n).div(2 ** 28),
    sizeOf: decimal,
  })
  return planDeleverageInTurn(view, {
    lot,
    isCovered: ({ id }) => taken.has(id),
    canBeClosed: ({ asset }) => {
      const mark = markOf(marks, asset)
      return mark !== undefined && mark.kind !== 'vault-share' && mark.status === undefined
    },
    ranked: (counterparties, closed) =>
      isSpot(closed.asset)
        ? spotTakers([...counterparties.all()], { ...closed, look })
        : inOrder(counterparties, closed),
    judge: (closing) =>
      isSpot(closing.asset) ? judgeSpotClosing(closing, look) : judged(closing, look),
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

function takingOf(
  account: Account,
  asset: string,
  look: CoreLiquidationLook,
): TakingCandidate | undefined {
  const { balance, cost } = holdingOf(account, asset)
  const margin = coreMargin(account, look.marks, look.generation)
  if (balance === 0n || margin.kind === 'unknown') return undefined
  return {
    account: account.id,
    size: decimal(balance),
    accountValue: decimal(margin.value),
    ...(cost !== undefined && { entryPrice: decimal(cost).div(decimal(balance)) }),
    most: magnitude(balance),
  }
}

function decimal(amount: bigint): Decimal {
  return new Decimal(String(amount))
}
