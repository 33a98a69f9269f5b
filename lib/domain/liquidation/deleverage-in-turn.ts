import type { DeleveragePart } from '../action.ts'
import type { Account, Holding } from '../margin/account.ts'
import type { AdlRule } from '../margin/adl-ranking.ts'
import { deleverageSet, type Taker } from '../margin/deleverage-set.ts'
import type { LiquidationLook } from './liquidation-look.ts'

export type DeleverageView<Look extends LiquidationLook = LiquidationLook> = {
  readonly look: Look
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
  /** What was to be closed, and the loss that the insurance fund could not pay; what it had, where the exchange tells. */
  readonly needed: bigint
  readonly loss: bigint
  readonly fund?: bigint
  /** In the rule's order, as far as somebody was asked. */
  readonly ranked: readonly string[]
  readonly chosen: readonly { readonly account: string; readonly size: bigint }[]
  /** Those that the exchange would refuse, and why. */
  readonly refused: readonly { readonly account: string; readonly why: string }[]
  /** There is no price at which the exchange would let anybody take it over. */
  readonly hasNoQuote?: true
  /** What nobody could take, and what was taken beyond what was needed: less than one lot. */
  readonly missing: bigint
  readonly excess: bigint
}

export type DeleveragePlan = {
  readonly parts: readonly DeleveragePart[]
  readonly records: readonly DeleverageRecord[]
  /** Bankrupt accounts that the fund can still pay for, or somebody would take over: they are liquidated. */
  readonly covered: readonly string[]
}

/** A bankrupt account's holding and somebody who may take a part of it over. */
export type Closing = {
  readonly bankrupt: Account
  readonly counterparty: Account
  readonly asset: string
  readonly size: bigint
}

/** Whoever may take over, as they are after the parts so far. */
export type Counterparties = {
  readonly all: () => Iterable<Account>
  readonly holding: (asset: string) => readonly Account[]
}

/** What one engine adds to the choice of counterparties. */
export type DeleverageRules = {
  /** The least that is worth a transaction, in an asset's smallest units. */
  readonly lot: bigint
  /** It is not to be deleveraged yet. */
  readonly isCovered: (account: Account) => boolean
  /** Which of its holdings anybody may take over. */
  readonly canBeClosed: (holding: Holding) => boolean
  /** Those on the other side in the rule's order, and how much each could take. */
  readonly ranked: (
    counterparties: Counterparties,
    closed: { readonly bankrupt: Account; readonly asset: string },
  ) => readonly Taker[]
  readonly judge: (closing: Closing) => ClosingVerdict
}

export type ClosingVerdict =
  | {
      readonly kind: 'accepted'
      readonly account: Account
      readonly counterparty: Account
      readonly loss: bigint
      /** Where the exchange wants the price said: what the bankrupt account gets. */
      readonly quote?: bigint
    }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'no-admissible-quote' }

/**
 * Closes the positions of accounts with less than nothing against those on the other side, and only where nobody pays for
 * them: the fewest counterparties in the rule's order, each judged as the contract would after the ones before it, with the
 * next in line where one is refused.
 */
export function planDeleverageInTurn(view: DeleverageView, rules: DeleverageRules): DeleveragePlan {
  const accounts = openCounterparties(view.counterparties)
  const parts: DeleveragePart[] = []
  const records: DeleverageRecord[] = []
  const covered: string[] = []
  for (const account of view.bankrupt.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    if (view.inFlight.has(account.id) || parts.length >= view.mostPerSlot) continue
    if (rules.isCovered(account)) {
      covered.push(account.id)
      continue
    }
    let bankrupt = account
    for (const holding of account.holdings) {
      const room = view.mostPerSlot - parts.length
      const found = closed(view, rules, { bankrupt, holding, accounts, room })
      if (!found) continue
      bankrupt = found.bankrupt
      parts.push(...found.parts)
      records.push(found.record)
    }
  }
  return { parts, records, covered }
}

function closed(
  { look }: DeleverageView,
  rules: DeleverageRules,
  wish: {
    readonly bankrupt: Account
    readonly holding: Holding
    readonly accounts: ChangingCounterparties
    readonly room: number
  },
):
  | {
      readonly bankrupt: Account
      readonly parts: readonly DeleveragePart[]
      readonly record: DeleverageRecord
    }
  | undefined {
  const { bankrupt, holding, accounts, room } = wish
  const { asset, balance } = holding
  const needed = balance < 0n ? -balance : balance
  const market = look.markets[asset]
  if (market === undefined || needed === 0n || !rules.canBeClosed(holding)) return undefined
  const ranked = rules.ranked(accounts, { bankrupt, asset })
  const parts: DeleveragePart[] = []
  const refused: { readonly account: string; readonly why: string }[] = []
  const chosen: { readonly account: string; readonly size: bigint }[] = []
  let [left, loss, excess] = [needed, 0n, 0n]
  let account = bankrupt
  let hasNoQuote = false
  let line = ranked
  while (line.length > 0 && left > 0n && parts.length < room && !hasNoQuote) {
    const set = deleverageSet(line, { needed: left, lot: left < rules.lot ? 1n : rules.lot })
    const [next] = set.chosen
    line = line.slice(1)
    const counterparty = next && accounts.get(next.account)
    if (!next || !counterparty) continue
    // A position is never closed by more than it is.
    const size = next.size < left ? next.size : left
    const verdict = rules.judge({ bankrupt: account, counterparty, asset, size })
    if (verdict.kind === 'no-admissible-quote') {
      hasNoQuote = true
      continue
    }
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
      ...(verdict.quote !== undefined && {
        base: balance > 0n ? -size : size,
        quote: verdict.quote,
      }),
    })
    chosen.push({ account: next.account, size })
    account = verdict.account
    accounts.put(verdict.counterparty)
    left -= size
    loss += verdict.loss
    excess = set.excess
  }
  const record: DeleverageRecord = {
    account: bankrupt.id,
    asset,
    needed,
    loss,
    ...(look.kind !== 'starkex' && { fund: look.insuranceFund }),
    ranked: ranked.map((one) => one.account),
    chosen,
    refused,
    ...(hasNoQuote && { hasNoQuote }),
    missing: left,
    excess,
  }
  return { bankrupt: account, parts, record }
}

type ChangingCounterparties = Counterparties & {
  readonly get: (id: string) => Account | undefined
  readonly put: (account: Account) => void
}

/** By what they hold too: to look through all of them for each holding takes longer than all else. */
function openCounterparties(given: readonly Account[]): ChangingCounterparties {
  const accounts = new Map<string, Account>()
  const holders = new Map<string, Map<string, Account>>()

  function put(account: Account): void {
    const before = accounts.get(account.id)
    accounts.set(account.id, account)
    for (const { asset } of before?.holdings ?? []) holders.get(asset)?.delete(account.id)
    for (const { asset } of account.holdings) {
      const known = holders.get(asset) ?? new Map<string, Account>()
      holders.set(asset, known.set(account.id, account))
    }
  }

  for (const account of given) put(account)
  return {
    all: () => accounts.values(),
    holding: (asset) => [...(holders.get(asset)?.values() ?? [])],
    get: (id) => accounts.get(id),
    put,
  }
}
