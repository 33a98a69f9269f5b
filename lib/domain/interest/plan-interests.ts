import type { InterestPart } from '../action.ts'
import { belowCap } from '../funding/index-change.ts'
import type { Account } from '../margin/account.ts'
import {
  interestBase,
  interestCap,
  type InterestClock,
  judgeInterest,
  mostTimeAge,
} from '../margin/interest.ts'
import { magnitude } from '../margin/starknet-margin.ts'
import type { Market } from '../market.ts'
import { whyTimeRefused } from './exchange-time.ts'
import { type GateRefusal, type InterestLook, whyGated } from './interest-look.ts'
import { interestOver, yearlyInterest, type YearlyRates } from './interest-rates.ts'

export type InterestPlanView = {
  readonly look: InterestLook
  /** What cash is counted in, as work names it. */
  readonly collateral: Market
  /** How long a position goes without interest at least. */
  readonly everySeconds: bigint
  /** In 1e-6 USD: less than that waits until it is more. */
  readonly leastAmount: bigint
  readonly rates: YearlyRates
  /** As they are in the look's block, and until when each has had its interest: 0 before its first. */
  readonly positions: readonly InterestPosition[]
}

export type InterestPosition = { readonly account: Account; readonly lastApplied: bigint }

export type InterestPlan =
  | {
      readonly kind: 'plan'
      /** In the order in which they are to be paid. */
      readonly parts: readonly InterestPart[]
      /** What the exchange's time must be brought to before; absent where it may stay. */
      readonly exchangeTime?: bigint
      /** Positions that get less than their rate, since the contract allows no more. */
      readonly capped: readonly string[]
      /** Positions that the contract would refuse, in its words. */
      readonly refused: readonly { readonly account: string; readonly why: string }[]
      /** How many are due and do not fit into the same transaction. */
      readonly waiting: number
    }
  | { readonly kind: 'refused'; readonly reason: GateRefusal | 'TIMESTAMP_TOO_OLD' }

/** Starknet takes 5,000 felts of calldata in one transaction; the account's own words and the other call need some of them. */
const mostFelts = 4_000

/** In L2 gas: a third of what a transaction may use, since prices of gas are not the only thing that changes. */
const mostGas = 300_000_000

/** What one position takes of each: measured (contracts.md §1.14), with room for a class that was built otherwise. */
const felts = 2
const gasOf = ({ holdings }: Account): number => 2_500_000 + 750_000 * holdings.length

/** So long before the contract's limit the time is brought forward with a payment. */
const timeReserve = 3_600n

/** Who gets or pays how much interest now, as much of it as one transaction holds: those that bring the sum of all interest nearer to zero first. */
export function planInterests(view: InterestPlanView): InterestPlan {
  const { look } = view
  const gate = whyGated(look)
  if (gate) return { kind: 'refused', reason: gate }
  const clock = clockFor(view)
  if (clock.lastUpdate < clock.now - mostTimeAge)
    return { kind: 'refused', reason: 'TIMESTAMP_TOO_OLD' }
  const due = dueAt(view, clock)
  const moves = clock.exchangeTime !== look.clock.exchangeTime
  const taken = taking(view, due, clock)
  return {
    kind: 'plan',
    ...taken,
    ...(moves && taken.parts.length > 0 && { exchangeTime: clock.exchangeTime }),
  }
}

/** With the exchange's time brought to the block's where somebody is due only then, or where it is soon too old. */
function clockFor(view: InterestPlanView): InterestClock {
  const { look } = view
  const { clock } = look
  const later = { ...clock, exchangeTime: clock.now, lastUpdate: clock.now }
  if (whyTimeRefused(look, later.exchangeTime)) return clock
  const isOld = clock.lastUpdate < clock.now - mostTimeAge + timeReserve
  return isOld || dueAt(view, later).length > dueAt(view, clock).length ? later : clock
}

type Due = InterestPosition & {
  readonly amount: bigint
  readonly isCapped: boolean
}

/**
 * Interest is for what the contract's limit counts: cash with funding and the profits of synthetics, since whoever holds those has
 * bought them with cash that is a debt only on paper. Where that and the cash itself have other signs the contract takes none.
 */
function dueAt(view: InterestPlanView, clock: InterestClock): readonly Due[] {
  const { everySeconds, leastAmount, look, rates } = view
  const { marks } = look
  return view.positions.flatMap(({ account, lastApplied }) => {
    const seconds = clock.exchangeTime - lastApplied
    if (seconds < everySeconds) return []
    const money = interestBase(account, marks)
    // Said to be refused, in the contract's words.
    if (typeof money === 'string')
      return [{ account, lastApplied, amount: account.collateral, isCapped: false }]
    if (money > 0n !== account.collateral > 0n || account.collateral === 0n) return []
    const yearly = yearlyInterest(account, money, { marks, rates })
    // Of a position that never had interest the contract takes none; it is due for a period, and named.
    const wanted = interestOver(yearly, lastApplied === 0n ? everySeconds : seconds)
    const most = mostOf(money, { lastApplied, clock })
    const isCapped = lastApplied > 0n && magnitude(wanted) > most
    const amount = isCapped ? (wanted < 0n ? -most : most) : wanted
    if (wanted === 0n || magnitude(wanted) < leastAmount) return []
    // Where the limit is that low, what the rates ask is shown to be refused.
    const isTooLittle = amount === 0n || magnitude(amount) < leastAmount
    return [{ account, lastApplied, amount: isTooLittle ? wanted : amount, isCapped }]
  })
}

/** Nearly the contract's limit, which moves with prices. */
function mostOf(
  earns: bigint,
  { lastApplied, clock }: { readonly lastApplied: bigint; readonly clock: InterestClock },
): bigint {
  const { exchangeTime, maxRatePerSecond } = clock
  return belowCap(interestCap({ earns, seconds: exchangeTime - lastApplied, maxRatePerSecond }))
}

type Taken = Omit<Extract<InterestPlan, { kind: 'plan' }>, 'kind' | 'exchangeTime'>

function taking(view: InterestPlanView, due: readonly Due[], before: InterestClock): Taken {
  const { collateral: market, look } = view
  const parts: InterestPart[] = []
  const capped: string[] = []
  const refused: { account: string; why: string }[] = []
  let [clock, gas, waiting] = [before, 0, 0]
  for (const { account, lastApplied, amount, isCapped } of inOrder(due, clock)) {
    const isFull = (parts.length + 1) * felts > mostFelts || gas + gasOf(account) > mostGas
    if (isFull && parts.length > 0) {
      waiting += 1
      continue
    }
    const verdict = judgeInterest({ account, marks: look.marks, lastApplied }, amount, clock)
    if (verdict.kind !== 'accepted') {
      refused.push({ account: account.id, why: verdict.reason })
      continue
    }
    clock = { ...clock, divergence: verdict.divergence }
    gas += gasOf(account)
    parts.push({ market, account: account.id, amount })
    if (isCapped) capped.push(account.id)
  }
  return { parts, capped, refused, waiting }
}

/** Towards zero first, and of those who waited longest first. */
function inOrder(due: readonly Due[], { divergence }: InterestClock): readonly Due[] {
  const brings = ({ amount }: Due) => amount < 0n === divergence >= 0n
  return due.toSorted((one, other) => {
    if (brings(one) !== brings(other)) return brings(one) ? -1 : 1
    return Number(one.lastApplied - other.lastApplied)
  })
}
