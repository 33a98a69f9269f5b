import { liquidatableSize } from '../margin/evm-liquidation.ts'
import { type EvmAccepted, largestEvmPart } from './evm-part.ts'
import {
  type Fallen,
  leastReward,
  type LiquidationPlan,
  type LiquidationView,
  planInTurn,
  type Turn,
} from './in-turn.ts'
import type { EvmLiquidationLook } from './liquidation-look.ts'

type View = LiquidationView<EvmLiquidationLook>

/** What one liquidation changes for the next one. */
type State = Pick<EvmLiquidationLook, 'liquidator' | 'insuranceFund'>

/** Whom to liquidate now on the EVM engine: anybody may, and takes over the positions with an own account. */
export function planEvmLiquidations(view: View): LiquidationPlan {
  return planInTurn<State>(view, view.look, (fallen, state) => turnOf(fallen, view, state))
}

function turnOf(fallen: Fallen, view: View, state: State): Turn<State> {
  const best = bestPart(fallen, view, state)
  if (typeof best === 'string')
    return { kind: 'left', why: best, isUncovered: best === 'InsuranceFundShort' }
  const { asset, size, accepted } = best
  const { base, cash, reward, penalty, cover } = accepted.settlement
  const { liquidator, insuranceFund } = accepted
  const part = { asset, size, base, cash, reward, penalty, cover }
  return { kind: 'part', part, state: { liquidator, insuranceFund } }
}

type Best = { readonly asset: string; readonly size: bigint; readonly accepted: EvmAccepted }

/** The holding whose liquidation brings most, as much of it as the contract and the liquidator's own margin allow. */
function bestPart(
  { account, margin }: Fallen,
  { look, policy }: View,
  { liquidator, insuranceFund }: State,
): Best | string {
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
    const { book, rules } = look
    const tried = largestEvmPart({ book, rules, insuranceFund, account, liquidator, asset }, most)
    if (tried.kind === 'refused') why = tried.reason
    else if (!best || isBetter(tried.accepted, best.accepted)) best = { asset, ...tried }
  }
  if (!best) return why
  const least = leastReward(policy, look.dollar)
  return margin.value >= 0n && best.accepted.settlement.reward < least ? 'reward' : best
}

function isBetter({ settlement: one }: EvmAccepted, { settlement: other }: EvmAccepted): boolean {
  if (one.reward !== other.reward) return one.reward > other.reward
  return magnitude(one.cash) > magnitude(other.cash)
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}
