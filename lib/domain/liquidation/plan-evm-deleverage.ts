import type { DeleveragePart } from '../action.ts'
import { Decimal } from '../decimal.ts'
import type { Account } from '../margin/account.ts'
import { type AdlCandidate, type AdlRule, rankForAdl } from '../margin/adl-ranking.ts'
import { deleverageSet, type Taker } from '../margin/deleverage-set.ts'
import { evmProfit, judgeEvmDeleverage, liquidatableSize } from '../margin/evm-liquidation.ts'
import { evmMargin } from '../margin/evm-margin.ts'
import { largestEvmPart } from './evm-part.ts'
import type { EvmLiquidationLook } from './liquidation-look.ts'

export type DeleverageView = {
  readonly look: EvmLiquidationLook
  /** Accounts with less than nothing left, as they are at the look's block. */
  readonly bankrupt: readonly Account[]
  /** Whoever holds one of their markets on the other side, as they are then. */
  readonly counterparties: readonly Account[]
  /** What is on its way already, by account. */
  readonly inFlight: ReadonlySet<string>
  readonly rule: AdlRule
  /** The most parts of one slot. */
  readonly mostPerSlot: number
  readonly slot: number
}

/** What became of one bankrupt account's holding, for whoever asks why they were chosen. */
export type DeleverageRecord = {
  readonly account: string
  readonly asset: string
  /** What was to be closed, and the loss that the insurance fund could not pay. */
  readonly needed: bigint
  readonly loss: bigint
  readonly fund: bigint
  /** In the rule's order, as far as somebody was asked. */
  readonly ranked: readonly string[]
  readonly chosen: readonly { readonly account: string; readonly size: bigint }[]
  /** Those that the exchange would refuse, and why. */
  readonly refused: readonly { readonly account: string; readonly why: string }[]
  /** What nobody could take, and what was taken beyond what was needed: less than one lot. */
  readonly missing: bigint
  readonly excess: bigint
}

export type DeleveragePlan = {
  readonly parts: readonly DeleveragePart[]
  readonly records: readonly DeleverageRecord[]
  /** Bankrupt accounts that the fund can still pay for: they are liquidated. */
  readonly covered: readonly string[]
}

/** Sizes are 1e-18 units; a millionth of one is little on every market. */
const lot = 10n ** 12n

/**
 * Closes the positions of accounts with less than nothing against those who profited on the other side, and only where the
 * insurance fund cannot pay: the fewest counterparties in the rule's order, each judged as the contract would after the ones
 * before it, with the next in line where one is refused.
 */
export function planEvmDeleverage(view: DeleverageView): DeleveragePlan {
  const { look } = view
  const accounts = new Map(view.counterparties.map((one) => [one.id, one]))
  const parts: DeleveragePart[] = []
  const records: DeleverageRecord[] = []
  const covered: string[] = []
  for (const account of view.bankrupt.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    if (view.inFlight.has(account.id) || parts.length >= view.mostPerSlot) continue
    if (canBeLiquidated(account, look)) {
      covered.push(account.id)
      continue
    }
    let bankrupt = account
    for (const { asset, balance } of account.holdings) {
      const needed = balance < 0n ? -balance : balance
      const wish = { bankrupt, asset, needed, accounts, room: view.mostPerSlot - parts.length }
      const found = closed(view, wish)
      if (!found) continue
      bankrupt = found.bankrupt
      parts.push(...found.parts)
      records.push(found.record)
    }
  }
  return { parts, records, covered }
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

function closed(
  { look, rule, slot }: DeleverageView,
  {
    bankrupt,
    asset,
    needed,
    accounts,
    room,
  }: {
    readonly bankrupt: Account
    readonly asset: string
    readonly needed: bigint
    readonly accounts: Map<string, Account>
    readonly room: number
  },
):
  | {
      readonly bankrupt: Account
      readonly parts: readonly DeleveragePart[]
      readonly record: DeleverageRecord
    }
  | undefined {
  const { book, insuranceFund } = look
  const mark = book.marks[asset]
  const market = look.markets[asset]
  if (!mark || market === undefined || needed === 0n) return undefined
  const ranked = ranking([...accounts.values()], { bankrupt, asset, look, rule, slot })
  const parts: DeleveragePart[] = []
  const refused: { readonly account: string; readonly why: string }[] = []
  const chosen: { readonly account: string; readonly size: bigint }[] = []
  let left = needed
  let loss = 0n
  let excess = 0n
  let account = bankrupt
  let line = ranked
  while (line.length > 0 && left > 0n && parts.length < room) {
    const set = deleverageSet(line, { needed: left, lot: left < lot ? 1n : lot })
    const [next] = set.chosen
    line = line.slice(1)
    const counterparty = next && accounts.get(next.account)
    if (!next || !counterparty) continue
    // A position is never closed by more than it is.
    const size = next.size < left ? next.size : left
    const call = { book, insuranceFund, account, counterparty, asset, size }
    const verdict = judgeEvmDeleverage(call)
    if (verdict.kind === 'refused') {
      refused.push({ account: next.account, why: verdict.reason })
      continue
    }
    parts.push({
      market,
      account: account.id,
      counterparty: counterparty.id,
      asset,
      size,
      loss: verdict.loss,
    })
    chosen.push({ account: next.account, size })
    account = verdict.account
    accounts.set(counterparty.id, verdict.counterparty)
    left -= size
    loss += verdict.loss
    excess = set.excess
  }
  const record: DeleverageRecord = {
    account: bankrupt.id,
    asset,
    needed,
    loss,
    fund: insuranceFund,
    ranked: ranked.map((one) => one.account),
    chosen,
    refused,
    missing: left,
    excess,
  }
  return { bankrupt: account, parts, record }
}

/** Those with a profit on the other side, in the rule's order. */
function ranking(
  counterparties: readonly Account[],
  {
    bankrupt,
    asset,
    look,
    rule,
    slot,
  }: {
    readonly bankrupt: Account
    readonly asset: string
    readonly look: EvmLiquidationLook
    readonly rule: AdlRule
    readonly slot: number
  },
): readonly Taker[] {
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
