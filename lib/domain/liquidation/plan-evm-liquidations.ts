import type { LiquidationPart } from '../action.ts'
import { fingerprint } from '../fingerprint.ts'
import { type Account, healthOf, type Margin } from '../margin/account.ts'
import {
  type EvmLiquidationVerdict,
  judgeEvmLiquidation,
  liquidatableSize,
} from '../margin/evm-liquidation.ts'
import { evmMargin } from '../margin/evm-margin.ts'
import { largestPart } from './largest-part.ts'
import type { EvmLiquidationLook } from './liquidation-look.ts'
import type { LiquidationPolicy, Skipped } from './liquidation-policy.ts'

export type LiquidationView = {
  readonly look: EvmLiquidationLook
  /** Accounts that may be below the requirement, as they are at the look's block. */
  readonly candidates: readonly Account[]
  /** What is on its way already, by account. */
  readonly inFlight: ReadonlySet<string>
  /** Those that failed lately, and are left alone for a while. */
  readonly resting: ReadonlySet<string>
  /** The share of the budgets that may be used now, in thousandths: less than all after a stall. */
  readonly budgetPermille: number
  readonly policy: LiquidationPolicy
  readonly slot: number
}

export type LiquidationPlan = {
  /** In the order in which they are to be done. */
  readonly parts: readonly LiquidationPart[]
  readonly skipped: readonly Skipped[]
  readonly liquidatable: number
  readonly bankrupt: number
  /** Accounts with less than nothing left that the insurance fund cannot pay for: they are to be deleveraged. */
  readonly uncovered: readonly string[]
}

/**
 * Whom to liquidate now, how much of what, in which order: those with less than nothing first, since what they lack grows;
 * then by reward. Each is judged as the contract would in a block after the ones before it.
 */
export function planEvmLiquidations(view: LiquidationView): LiquidationPlan {
  const { look, policy, budgetPermille } = view
  const found = view.candidates.flatMap((account) => {
    const margin = evmMargin(account, look.book)
    return margin.kind === 'margin' && healthOf(margin) !== 'healthy' ? [{ account, margin }] : []
  })
  const parts: LiquidationPart[] = []
  const skipped: Skipped[] = []
  const uncovered: string[] = []
  // After a stall negative equity is never delayed.
  const most = Math.max(1, Math.floor((policy.mostPerSlot * budgetPermille) / 1_000))
  let notionalLeft =
    (BigInt(Math.floor(policy.mostNotionalUsd)) * look.dollar * BigInt(budgetPermille)) / 1_000n
  let { liquidator, insuranceFund } = look
  for (const one of inOrder(found, view)) {
    const { id: account } = one.account
    const skip = (why: string): void => void skipped.push({ account, why })
    if (view.inFlight.has(account)) skip('in-flight')
    else if (view.resting.has(account) && !isBankrupt(one)) skip('resting')
    else if (parts.length >= (isBankrupt(one) ? policy.mostPerSlot : most)) skip('budget')
    else {
      const best = bestPart(one, { ...view, liquidator, insuranceFund })
      if (typeof best === 'string') {
        skip(best)
        if (best === 'InsuranceFundShort') uncovered.push(account)
        continue
      }
      const { asset, size, accepted } = best
      const { settlement } = accepted
      const notional = magnitude(settlement.cash)
      if (notional > notionalLeft && !isBankrupt(one)) skip('budget')
      else {
        notionalLeft -= notional
        liquidator = accepted.liquidator
        insuranceFund = accepted.insuranceFund
        const market = look.markets[asset]
        if (market === undefined) skip('unlisted')
        else
          parts.push({
            market,
            account,
            asset,
            size,
            base: settlement.base,
            cash: settlement.cash,
            reward: settlement.reward,
            penalty: settlement.penalty,
            cover: settlement.cover,
          })
      }
    }
  }
  return {
    parts,
    skipped,
    liquidatable: found.length,
    bankrupt: found.filter(isBankrupt).length,
    uncovered,
  }
}

function isBankrupt({ margin }: Found): boolean {
  return margin.value < 0n
}

type Found = { readonly account: Account; readonly margin: Margin }

/** Beyond the budget others have their turn in the next slot, whatever happened to the first ones. */
function inOrder(found: readonly Found[], { slot, look }: LiquidationView): readonly Found[] {
  const keyed = found.map((one) => ({
    one,
    isBankrupt: isBankrupt(one),
    requirement: one.margin.requirement / (100n * look.dollar),
    turn: Number.parseInt(fingerprint(`${slot} ${one.account.id}`), 36),
  }))
  return keyed
    .toSorted((a, b) => {
      if (a.isBankrupt !== b.isBankrupt) return a.isBankrupt ? -1 : 1
      if (a.requirement !== b.requirement) return a.requirement > b.requirement ? -1 : 1
      return a.turn - b.turn
    })
    .map(({ one }) => one)
}

type Accepted = Extract<EvmLiquidationVerdict, { kind: 'accepted' }>
type Best = { readonly asset: string; readonly size: bigint; readonly accepted: Accepted }

/** The holding whose liquidation brings most, as much of it as the contract and the liquidator's own margin allow. */
function bestPart(
  { account, margin }: Found,
  view: LiquidationView & { readonly liquidator: Account; readonly insuranceFund: bigint },
): Best | string {
  const { look, policy } = view
  let best: Best | undefined
  let why = 'StalePrice'
  for (const { asset, balance } of account.holdings) {
    const mark = look.book.marks[asset]
    if (!mark) continue
    const most = liquidatableSize(margin, balance, {
      mark,
      rules: look.rules,
      unit: look.book.unit,
    })
    const tried = largestPart(most, (size) =>
      judgeEvmLiquidation({
        book: look.book,
        rules: look.rules,
        insuranceFund: view.insuranceFund,
        account,
        liquidator: view.liquidator,
        asset,
        size,
      }),
    )
    if (tried.kind === 'refused') why = tried.reason
    else if (!best || isBetter(tried.accepted, best.accepted)) best = { asset, ...tried }
  }
  if (!best) return why
  const least = (BigInt(Math.round(policy.leastRewardUsd * 1_000_000)) * look.dollar) / 1_000_000n
  return margin.value >= 0n && best.accepted.settlement.reward < least ? 'reward' : best
}

function isBetter({ settlement: one }: Accepted, { settlement: other }: Accepted): boolean {
  if (one.reward !== other.reward) return one.reward > other.reward
  return magnitude(one.cash) > magnitude(other.cash)
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}
