import { isI64 as fits, starknetFundingPayment } from '../funding/index-change.ts'
import type { Account, Holding, Margin } from './account.ts'

/** One asset as starknet-perpetual's Core reckons with it. */
export type CoreMark = {
  readonly kind: 'synthetic' | 'spot' | 'vault-share'
  /** Absent for an active one. Pending and inactive assets cannot be liquidated. */
  readonly status?: 'pending' | 'inactive'
  /** 1e-6 USD per smallest unit, scale 2^28. */
  readonly price: bigint
  /** Scale 2^32. */
  readonly fundingIndex: bigint
  /** Thousandths, ascending. */
  readonly riskFactorTiers: readonly bigint[]
  /** In 1e-6 USD: from here on the second tier holds. */
  readonly firstTierBoundary: bigint
  readonly tierSize: bigint
}

/** By asset id, as in holdings. */
export type CoreMarks = Readonly<Record<string, CoreMark>>

/** Generations before D count every asset as (value, risk); D takes a spot asset's risk off its value. */
export type CoreGeneration = 'A' | 'B' | 'C' | 'D'

export type CoreMargin =
  | ({ readonly kind: 'margin' } & Margin & {
        /** With the funding of every holding up to now. */
        readonly collateral: bigint
        /** Holdings at a price of zero: the contract reckons with it, nobody else should decide by it. */
        readonly unpriced: readonly string[]
      })
  /** The contract's views panic, or it does not know the asset: of that one account nothing can be said. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly asset: string | undefined }

/** TV and TR, in 1e-6 USD, as `get_position_tv_tr` answers (value_risk_calculator.cairo). */
export function coreMargin(
  account: Account,
  marks: CoreMarks,
  generation: CoreGeneration,
): CoreMargin {
  let collateral = account.collateral
  let value = 0n
  let requirement = 0n
  const unpriced: string[] = []
  if (!fits(collateral)) return { kind: 'unknown', reason: sumPanic(collateral), asset: undefined }
  for (const holding of account.holdings) {
    const { asset } = holding
    if (!fits(holding.balance)) return { kind: 'unknown', reason: sumPanic(holding.balance), asset }
    const mark = markOf(marks, asset)
    if (!mark) return { kind: 'unknown', reason: 'ASSET_NOT_EXISTS', asset }
    const due = fundingDue(holding, mark)
    if (typeof due === 'string') return { kind: 'unknown', reason: due, asset }
    collateral += due
    if (!fits(collateral)) return { kind: 'unknown', reason: sumPanic(collateral), asset }
    const part = holdingMargin(holding.balance, mark, generation)
    value += part.value
    requirement += part.requirement
    if (mark.price === 0n) unpriced.push(asset)
  }
  return { kind: 'margin', value: value + collateral, requirement, collateral, unpriced }
}

/** Cairo's word for a sum that an i64 cannot hold, by the end at which it leaves it. */
function sumPanic(sum: bigint): string {
  return sum < 0n ? 'i64_add Underflow' : 'i64_add Overflow'
}

export function markOf(marks: CoreMarks, asset: string): CoreMark | undefined {
  return Object.hasOwn(marks, asset) ? marks[asset] : undefined
}

/** What one holding adds to TV and TR. */
export function holdingMargin(balance: bigint, mark: CoreMark, generation: CoreGeneration): Margin {
  const value = holdingValue(balance, mark.price)
  const risk = (riskFactor(value, mark) * magnitude(value)) / 1_000n
  const counts = generation !== 'D' || mark.kind === 'synthetic'
  return counts ? { value, requirement: risk } : { value: value - risk, requirement: 0n }
}

/** Truncates towards zero, as Cairo divides signed numbers. */
export function holdingValue(balance: bigint, price: bigint): bigint {
  return (price * balance) / (1n << 28n)
}

/** In thousandths, by the tier of a holding's absolute value. */
export function riskFactor(value: bigint, mark: CoreMark): bigint {
  const size = magnitude(value)
  const { riskFactorTiers: tiers, firstTierBoundary, tierSize } = mark
  const last = tiers.length - 1
  if (size < firstTierBoundary || last === 0) return tiers[0] ?? 0n
  const tier = 1n + (tierSize === 0n ? BigInt(last) : (size - firstTierBoundary) / tierSize)
  return tiers[tier < BigInt(last) ? Number(tier) : last] ?? 0n
}

/** What a holding is still to receive, or the contract's panic where the numbers leave their types. */
function fundingDue({ balance, fundingIndex }: Holding, mark: CoreMark): bigint | string {
  if (mark.kind !== 'synthetic') return 0n
  const change = fundingIndex - mark.fundingIndex
  if (change >= 1n << 63n) return 'i64_sub Overflow'
  if (change < -(1n << 63n)) return 'i64_sub Underflow'
  const due = starknetFundingPayment({ from: fundingIndex, to: mark.fundingIndex, balance })
  return fits(due) ? due : 'Funding index mul overflow'
}

export function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}
