import { Decimal } from '../decimal.ts'
import type { Account } from '../margin/account.ts'
import { interestBase } from '../margin/interest.ts'
import { type CoreMarks, holdingValue, magnitude, markOf } from '../margin/starknet-margin.ts'

/** What money earns and debts cost, in parts of it for a year. */
export type CashRule =
  | { readonly kind: 'fixed'; readonly credit: Decimal; readonly debit: Decimal }
  /**
   * By how much of all money is lent out: debts cost `base` where nothing is, `atKink` at the share `kink` and `atFull` where all is,
   * in two straight lines. Those with money share what debtors pay, less the `reserve` (Aave, Compound).
   */
  | {
      readonly kind: 'utilisation'
      readonly base: Decimal
      readonly kink: Decimal
      readonly atKink: Decimal
      readonly atFull: Decimal
      readonly reserve: Decimal
    }

/** What holding a market costs, in parts of its value for a year. */
export type HoldingRates = { readonly long: Decimal; readonly short: Decimal }

/** All money of an exchange's accounts and all their debts; both above zero or zero. */
export type Lent = { readonly cash: bigint; readonly debts: bigint }

export type YearlyRates = {
  readonly credit: Decimal
  readonly debit: Decimal
  /** By asset. */
  readonly holdings: Readonly<Record<string, HoldingRates>>
}

/** Of accounts of which something can be said. */
export function lentBy(accounts: Iterable<Account>, marks: CoreMarks): Lent {
  let cash = 0n
  let debts = 0n
  for (const account of accounts) {
    const money = interestBase(account, marks)
    if (typeof money === 'string') continue
    if (money > 0n) cash += money
    else debts -= money
  }
  return { cash, debts }
}

export function cashRates(
  rule: CashRule,
  { cash, debts }: Lent,
): Pick<YearlyRates, 'credit' | 'debit'> {
  if (rule.kind === 'fixed') return { credit: rule.credit, debit: rule.debit }
  if (debts === 0n) return { credit: new Decimal(0), debit: rule.base }
  const { base, kink, atKink, atFull, reserve } = rule
  const used = cash === 0n ? one : Decimal.min(one, new Decimal(String(debts)).div(String(cash)))
  const debit = used.lte(kink)
    ? base.plus(atKink.minus(base).mul(used).div(kink))
    : atKink.plus(atFull.minus(atKink).mul(used.minus(kink)).div(one.minus(kink)))
  return { credit: debit.mul(used).mul(one.minus(reserve)), debit }
}

/** What an account with so much money earns in a year, in 1e-24 USD; below zero it pays. */
export function yearlyInterest(
  { holdings }: Pick<Account, 'holdings'>,
  money: bigint,
  { marks, rates }: { readonly marks: CoreMarks; readonly rates: YearlyRates },
): bigint {
  const cash = money * scaled(money > 0n ? rates.credit : rates.debit)
  return holdings.reduce((sum, { asset, balance }) => {
    const rate = Object.hasOwn(rates.holdings, asset) ? rates.holdings[asset] : undefined
    const mark = markOf(marks, asset)
    if (!rate || !mark) return sum
    const value = magnitude(holdingValue(balance, mark.price))
    return sum - value * scaled(balance > 0n ? rate.long : rate.short)
  }, cash)
}

/** In 1e-6 USD, towards zero: in favour of whoever pays. */
export function interestOver(yearly: bigint, seconds: bigint): bigint {
  return (yearly * seconds) / (year * scale)
}

const one = new Decimal(1)
/** 365 days, as rates are quoted. */
const year = 31_536_000n
const scale = 10n ** 18n

function scaled(rate: Decimal): bigint {
  return BigInt(rate.mul(String(scale)).toFixed(0, Decimal.ROUND_DOWN))
}
