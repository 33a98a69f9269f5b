import type { LiquidationPart } from '../action.ts'
import { fingerprint } from '../fingerprint.ts'
import { type Account, healthOf, type Margin } from '../margin/account.ts'
import type { LiquidationLook } from './liquidation-look.ts'
import type { LiquidationPolicy, Skipped } from './liquidation-policy.ts'
import { marginIn } from './margin-in.ts'

export type LiquidationView<Look extends LiquidationLook = LiquidationLook> = {
  readonly look: Look
  /** Accounts that may be below the requirement, as they are at the look's block. */
  readonly candidates: readonly Account[]
  /** What is on its way already, by account. */
  readonly inFlight: ReadonlySet<string>
  /** Those that failed lately, and are left alone for a while. */
  readonly resting: ReadonlySet<string>
  /** Accounts that are left alone in this slot unless they have less than nothing, and the word for why. */
  readonly spared?: ReadonlyMap<string, string>
  /** Accounts whose turn comes after all others that are not bankrupt. */
  readonly notFirst?: ReadonlySet<string>
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

/** An account below its requirement. */
export type Fallen = { readonly account: Account; readonly margin: Margin }

/** What is to be done with one account, and what the others are judged by after it. */
export type Turn<State> =
  | {
      readonly kind: 'part'
      readonly part: Omit<LiquidationPart, 'account' | 'market'>
      readonly state: State
    }
  /** A word for why it is left; `uncovered` where it is to be deleveraged instead. */
  | { readonly kind: 'left'; readonly why: string; readonly isUncovered: boolean }

/**
 * Whom to liquidate now, in which order and within which budgets: those with less than nothing first, since what they lack
 * grows; then the largest. `turn` says how much of what; each is judged as the contract would in a block after the ones before it.
 */
export function planInTurn<State>(
  view: LiquidationView,
  first: State,
  turn: (fallen: Fallen, state: State) => Turn<State>,
): LiquidationPlan {
  const { look, policy, budgetPermille } = view
  const found = view.candidates.flatMap((account): readonly Fallen[] => {
    const margin = marginIn(account, look)
    return margin && healthOf(margin) !== 'healthy' ? [{ account, margin }] : []
  })
  const parts: LiquidationPart[] = []
  const skipped: Skipped[] = []
  const uncovered: string[] = []
  // After a stall negative equity is never delayed.
  const most = Math.max(1, Math.floor((policy.mostPerSlot * budgetPermille) / 1_000))
  let notionalLeft =
    (BigInt(Math.floor(policy.mostNotionalUsd)) * look.dollar * BigInt(budgetPermille)) / 1_000n
  let state = first
  for (const one of inOrder(found, view)) {
    const { id: account } = one.account
    const skip = (why: string): void => void skipped.push({ account, why })
    const spared = isBankrupt(one) ? undefined : view.spared?.get(account)
    if (view.inFlight.has(account)) skip('in-flight')
    else if (spared !== undefined) skip(spared)
    else if (view.resting.has(account) && !isBankrupt(one)) skip('resting')
    else if (parts.length >= (isBankrupt(one) ? policy.mostPerSlot : most)) skip('budget')
    else {
      const done = turn(one, state)
      if (done.kind === 'left') {
        skip(done.why)
        if (done.isUncovered) uncovered.push(account)
        continue
      }
      const { part } = done
      const notional = part.cash < 0n ? -part.cash : part.cash
      const market = look.markets[part.asset]
      if (notional > notionalLeft && !isBankrupt(one)) skip('budget')
      else if (market === undefined) skip('unlisted')
      else {
        notionalLeft -= notional
        state = done.state
        parts.push({ market, account, ...part })
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

function isBankrupt({ margin }: Fallen): boolean {
  return margin.value < 0n
}

/** Beyond the budget others have their turn in the next slot, whatever happened to the first ones. */
function inOrder(
  found: readonly Fallen[],
  { slot, look, notFirst }: LiquidationView,
): readonly Fallen[] {
  const keyed = found.map((one) => ({
    one,
    isBankrupt: isBankrupt(one),
    isLater: notFirst?.has(one.account.id) === true,
    requirement: one.margin.requirement / (100n * look.dollar),
    turn: Number.parseInt(fingerprint(`${slot} ${one.account.id}`), 36),
  }))
  return keyed
    .toSorted((a, b) => {
      if (a.isBankrupt !== b.isBankrupt) return a.isBankrupt ? -1 : 1
      if (a.isLater !== b.isLater) return a.isLater ? 1 : -1
      if (a.requirement !== b.requirement) return a.requirement > b.requirement ? -1 : 1
      return a.turn - b.turn
    })
    .map(({ one }) => one)
}

/** What a liquidation of an account with something left must bring, in the collateral's smallest units. */
export function leastReward({ leastRewardUsd }: LiquidationPolicy, dollar: bigint): bigint {
  return (BigInt(Math.round(leastRewardUsd * 1_000_000)) * dollar) / 1_000_000n
}
