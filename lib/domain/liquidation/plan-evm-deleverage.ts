import { Decimal } from '../decimal.ts'
import type { Account } from '../margin/account.ts'
import { evmProfit, judgeEvmDeleverage, liquidatableSize } from '../margin/evm-liquidation.ts'
import { evmMargin } from '../margin/evm-margin.ts'
import {
  type DeleveragePlan,
  type DeleverageView,
  planDeleverageInTurn,
} from './deleverage-in-turn.ts'
import { largestEvmPart } from './evm-part.ts'
import type { EvmLiquidationLook } from './liquidation-look.ts'
import { takersInOrder, type TakingCandidate } from './takers-in-order.ts'

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
    ranked: takersInOrder(view, {
      takingOf: (account, asset) => takingOf(account, asset, look),
      markOf: (asset) => units(book.marks[asset]?.price ?? 0n, 18),
      sizeOf: (balance) => units(balance, 18),
    }),
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

/** What the account could do with a profit that it has there, whoever needs it. */
function takingOf(
  account: Account,
  asset: string,
  look: EvmLiquidationLook,
): TakingCandidate | undefined {
  const { book } = look
  const mark = book.marks[asset]
  const held = account.holdings.find((one) => one.asset === asset)
  if (!mark || !held || evmProfit(account, { asset, mark, unit: book.unit }) <= 0n) return undefined
  const margin = evmMargin(account, book)
  if (margin.kind === 'unknown') return undefined
  const size = units(held.balance, 18)
  return {
    account: account.id,
    size,
    entryPrice: dollars(held.cost ?? 0n, look).div(size),
    accountValue: dollars(margin.value, look),
    most: held.balance < 0n ? -held.balance : held.balance,
  }
}

function units(amount: bigint, decimals: number): Decimal {
  return new Decimal(String(amount)).div(new Decimal(10).pow(decimals))
}

function dollars(amount: bigint, { dollar }: EvmLiquidationLook): Decimal {
  return new Decimal(String(amount)).div(String(dollar))
}
