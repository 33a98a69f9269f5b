import { Decimal } from '../decimal.ts'
import type { Account } from '../margin/account.ts'
import { starkexFairQuote, starkexMargin, type StarkexMark } from '../margin/starkex-margin.ts'
import { judgeStarkexDeleverage } from '../margin/starkex-trade.ts'
import {
  type Closing,
  type ClosingVerdict,
  type DeleveragePlan,
  type DeleverageView,
  planDeleverageInTurn,
} from './deleverage-in-turn.ts'
import type { StarkexLiquidationLook } from './liquidation-look.ts'
import { takersInOrder, type TakingCandidate } from './takers-in-order.ts'

type View = DeleverageView<StarkexLiquidationLook>

/**
 * Who shares a loss on a StarkEx exchange, at the one price that its program leaves for each size. Nobody pays for a bankrupt
 * account there; `taken` are those that a liquidator's order would still take.
 */
export function planStarkexDeleverage(view: View, taken: ReadonlySet<string>): DeleveragePlan {
  return planDeleverageInTurn(view, {
    lot: 1n,
    isCovered: ({ id }) => taken.has(id),
    canBeClosed: ({ asset }) => markOf(view.look, asset) !== undefined,
    ranked: takersInOrder(view, {
      takingOf: (account, asset) => takingOf(account, asset, view.look),
      markOf: (asset) => decimal(markOf(view.look, asset)?.price ?? 0n).div(2 ** 32),
      sizeOf: decimal,
    }),
    judge: (closing) => judged(closing, view.look),
  })
}

function judged(
  { bankrupt, counterparty, asset, size }: Closing,
  look: StarkexLiquidationLook,
): ClosingVerdict {
  const mark = markOf(look, asset)
  const margin = starkexMargin(bankrupt, look.marks)
  const balance = balanceOf(bankrupt, asset)
  if (!mark || margin.kind === 'unknown' || balance === 0n)
    return { kind: 'refused', reason: margin.kind === 'unknown' ? margin.reason : 'no-price' }
  const base = balance > 0n ? -size : size
  const quote = starkexFairQuote({ before: margin, mark, balance, base })
  if (quote === undefined) return { kind: 'no-admissible-quote' }
  const verdict = judgeStarkexDeleverage(look.marks, {
    deleveraged: bankrupt,
    deleverager: counterparty,
    change: { asset, base, cash: quote },
  })
  if (verdict.kind === 'refused') return { kind: 'refused', reason: verdict.reason }
  const { account, counterparty: taker } = verdict
  // Rounded up: what the taker loses by the mark, not less.
  const loss = quote - ((-base * mark.price) >> 32n)
  return { kind: 'accepted', account, counterparty: taker, loss, quote }
}

function takingOf(
  account: Account,
  asset: string,
  look: StarkexLiquidationLook,
): TakingCandidate | undefined {
  const balance = balanceOf(account, asset)
  const margin = starkexMargin(account, look.marks)
  if (balance === 0n || margin.kind === 'unknown') return undefined
  const accountValue = decimal(margin.value)
    .div(2 ** 32)
    .div(2 ** 32)
  const most = balance < 0n ? -balance : balance
  return { account: account.id, size: decimal(balance), accountValue, most }
}

function balanceOf({ holdings }: Account, asset: string): bigint {
  return holdings.find((one) => one.asset === asset)?.balance ?? 0n
}

function markOf({ marks }: StarkexLiquidationLook, asset: string): StarkexMark | undefined {
  return Object.hasOwn(marks, asset) ? marks[asset] : undefined
}

function decimal(amount: bigint): Decimal {
  return new Decimal(String(amount))
}
