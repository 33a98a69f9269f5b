import { Decimal } from '../decimal.ts'
import type { Account } from '../margin/account.ts'
import { type AdlCandidate, rankForAdl } from '../margin/adl-ranking.ts'
import type { Taker } from '../margin/deleverage-set.ts'
import { evmProfit, judgeEvmDeleverage, liquidatableSize } from '../margin/evm-liquidation.ts'
import { evmMargin } from '../margin/evm-margin.ts'
import {
  type DeleveragePlan,
  type DeleverageView,
  planDeleverageInTurn,
} from './deleverage-in-turn.ts'
import { largestEvmPart } from './evm-part.ts'
import type { EvmLiquidationLook } from './liquidation-look.ts'

type View = DeleverageView<EvmLiquidationLook>

/** Sizes are 1e-18 units; a millionth of one is little on every market. */
const lot = 10n ** 12n

/** Who shares a loss on the EVM engine: those with a profit on the other side, where the insurance fund cannot pay. */
export function planEvmDeleverage(view: View): DeleveragePlan {
  const { look } = view
  const { book, insuranceFund } = look
  return planDeleverageInTurn(view, {
    lot,
    isCovered: (account) => canBeLiquidated(account, look),
    canBeClosed: ({ asset }) => book.marks[asset] !== undefined,
    ranked: (accounts, closed) => ranking(accounts, { ...closed, view }),
    judge: ({ bankrupt: account, counterparty, asset, size }) =>
      judgeEvmDeleverage({ book, insuranceFund, account, counterparty, asset, size }),
  })
}

/** The fund pays for some of it yet. */
function canBeLiquidated(account: Account, look: EvmLiquidationLook): boolean {
  const margin = evmMargin(account, look.book)
  if (margin.kind === 'unknown') return true
  return account.holdings.some(({ asset, balance }) => {
    const mark = look.book.marks[asset]
    if (!mark) return false
    const { rules, book, insuranceFund } = look
    const most = liquidatableSize(margin, balance, { mark, rules, unit: book.unit })
    // Others may have the money that one's own account lacks.
    const liquidator = { id: '', collateral: 1n << 200n, holdings: [] }
    const call = { book, rules, insuranceFund, account, liquidator, asset }
    const tried = largestEvmPart(call, most)
    return tried.kind === 'possible'
  })
}

/** Those with a profit on the other side, in the rule's order. */
function ranking(
  counterparties: readonly Account[],
  {
    bankrupt,
    asset,
    view,
  }: { readonly bankrupt: Account; readonly asset: string; readonly view: View },
): readonly Taker[] {
  const { look, rule, slot } = view
  const { book } = look
  const mark = book.marks[asset]
  const theirs = bankrupt.holdings.find((one) => one.asset === asset)
  if (!mark || !theirs) return []
  const most = new Map<string, bigint>()
  const candidates = counterparties.flatMap((account): readonly AdlCandidate[] => {
    const held = account.holdings.find((one) => one.asset === asset)
    const margin = evmMargin(account, book)
    const isOpposite = held !== undefined && held.balance > 0n !== theirs.balance > 0n
    if (!held || !isOpposite || margin.kind === 'unknown' || account.id === bankrupt.id) return []
    if (evmProfit(account, { asset, mark, unit: book.unit }) <= 0n) return []
    const size = held.balance < 0n ? -held.balance : held.balance
    most.set(account.id, size)
    return [
      {
        account: account.id,
        size: units(held.balance, 18),
        entryPrice: dollars(held.cost ?? 0n, look).div(units(held.balance, 18)),
        accountValue: dollars(margin.value, look),
      },
    ]
  })
  return rankForAdl(candidates, rule, {
    mark: units(mark.price, 18),
    bankruptSize: units(theirs.balance, 18),
    start: slot,
  }).map(({ account }) => ({ account, most: most.get(account) ?? 0n }))
}

function units(amount: bigint, decimals: number): Decimal {
  return new Decimal(String(amount)).div(new Decimal(10).pow(decimals))
}

function dollars(amount: bigint, { dollar }: EvmLiquidationLook): Decimal {
  return new Decimal(String(amount)).div(String(dollar))
}
