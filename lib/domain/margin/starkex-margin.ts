import { starkexFundingPayment } from '../funding/index-change.ts'
import type { Account, Holding, Margin } from './account.ts'
import { ceilDiv } from './floor-div.ts'

/** One asset as StarkEx's program reckons with it. */
export type StarkexMark = {
  /** Collateral per smallest unit, scale 2^32. */
  readonly price: bigint
  /** Scale 2^32. */
  readonly fundingIndex: bigint
  /** Ascending; the last one has no end for us, whatever it says. */
  readonly segments: readonly RiskSegment[]
  /** What segments are cut by: the balance itself, or balance times price at scale 2^32. */
  readonly segmentedBy: 'balance' | 'notional'
}

export type RiskSegment = {
  /** Belongs to the segment. */
  readonly upperBound: bigint
  /** Scale 2^32. */
  readonly riskFactor: bigint
}

export type StarkexMarks = Readonly<Record<string, StarkexMark>>

export type StarkexMargin =
  /** Value and requirement both at scale 2^64, so that they can be compared. */
  | ({ readonly kind: 'margin'; readonly collateral: bigint } & Margin)
  | {
      readonly kind: 'unknown'
      readonly reason: 'ASSET_NOT_FOUND' | 'OUT_OF_RANGE_TOTAL_VALUE' | 'OUT_OF_RANGE_TOTAL_RISK'
    }

const one = 1n << 64n
const valueBound = 1n << 63n
const riskBound = 1n << 64n

/**
 * TV and TR of a position (stark-perpetual position/status.cairo): exact but for its funding, which is rounded down once for
 * all holdings together.
 */
export function starkexMargin(account: Account, marks: StarkexMarks): StarkexMargin {
  const held: Marked[] = []
  for (const holding of account.holdings) {
    const mark = Object.hasOwn(marks, holding.asset) ? marks[holding.asset] : undefined
    if (!mark) return { kind: 'unknown', reason: 'ASSET_NOT_FOUND' }
    held.push({ holding, mark })
  }
  const paid = held.map(({ holding: { balance, fundingIndex: from }, mark }) => ({
    balance,
    from,
    to: mark.fundingIndex,
  }))
  const collateral = account.collateral + starkexFundingPayment(paid)
  let value = collateral * one
  let requirement = 0n
  for (const { holding, mark } of held) {
    const part = starkexHoldingMargin(holding.balance, mark)
    value += part.value
    requirement += part.requirement
  }
  if (value < -valueBound * one || value >= valueBound * one)
    return { kind: 'unknown', reason: 'OUT_OF_RANGE_TOTAL_VALUE' }
  if (requirement >= riskBound * one) return { kind: 'unknown', reason: 'OUT_OF_RANGE_TOTAL_RISK' }
  return { kind: 'margin', value, requirement, collateral }
}

export function starkexHoldingMargin(balance: bigint, mark: StarkexMark): Margin {
  const size = balance < 0n ? -balance : balance
  return {
    value: (balance * mark.price) << 32n,
    requirement: size * mark.price * starkexRiskFactor(size, mark),
  }
}

/** Of the first segment that is not exceeded. */
export function starkexRiskFactor(
  size: bigint,
  { price, segments, segmentedBy }: StarkexMark,
): bigint {
  const amount = segmentedBy === 'balance' ? size : size * price
  const found = segments.find(({ upperBound }) => amount <= upperBound) ?? segments.at(-1)
  return found?.riskFactor ?? 0n
}

/** Whether the program lets a position become another (validate_state_transition.cairo); margins at scale 2^64. */
export function isStarkexTransition(
  before: { readonly account: Account; readonly margin: Margin },
  after: { readonly account: Account; readonly margin: Margin },
): boolean {
  const [earlier, later] = [before.margin, after.margin]
  if (later.value >= later.requirement) return true
  if (!isSmaller(before.account.holdings, after.account.holdings)) return false
  if (later.value * earlier.requirement < earlier.value * later.requirement) return false
  return earlier.requirement > 0n || later.value >= earlier.value
}

/**
 * Fair where one unit of collateral less would break the ratio: `(tv1 - 1) / tr1 < tv0 / tr0`, strictly (deleverage.cairo);
 * that the ratio is kept is the transition's matter.
 */
export function isStarkexFair(before: Margin, after: Margin): boolean {
  return (after.value - one) * before.requirement < before.value * after.requirement
}

/**
 * The one amount of collateral at which a bankrupt position may give up a part of a holding, below zero where it pays; zero is
 * allowed. Undefined where the fair price is on the wrong side.
 */
export function starkexFairQuote({
  before,
  mark,
  balance,
  base,
}: {
  readonly before: Margin
  readonly mark: StarkexMark
  readonly balance: bigint
  /** The change of the holding. */
  readonly base: bigint
}): bigint | undefined {
  const quote = starkexLeastCash({ before, mark, balance, base })
  if (quote === undefined) return undefined
  const isSale = base < 0n
  return quote === 0n || quote > 0n === isSale ? quote : undefined
}

/**
 * The least that an account below its requirement must get for a part of a holding (below zero: the most that it may pay), so
 * that its ratio of value to requirement is no worse. Undefined where it has no requirement.
 */
export function starkexLeastCash({
  before,
  mark,
  balance,
  base,
}: {
  readonly before: Margin
  readonly mark: StarkexMark
  readonly balance: bigint
  /** The change of the holding. */
  readonly base: bigint
}): bigint | undefined {
  if (before.requirement === 0n) return undefined
  const now = starkexHoldingMargin(balance, mark)
  const later = starkexHoldingMargin(balance + base, mark)
  const value = before.value + later.value - now.value
  const requirement = before.requirement + later.requirement - now.requirement
  return ceilDiv(before.value * requirement - value * before.requirement, before.requirement * one)
}

/** No holding is new, turned or grown. */
function isSmaller(before: readonly Holding[], after: readonly Holding[]): boolean {
  return after.every(({ asset, balance }) => {
    const had = before.find((held) => held.asset === asset)?.balance ?? 0n
    return balance * had > 0n && balance * balance <= had * had
  })
}

type Marked = { readonly holding: Holding; readonly mark: StarkexMark }
