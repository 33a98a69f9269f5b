import type { Account, Margin } from '../../../lib/domain/margin/account.ts'
import { isHealthyOrHealthier } from '../../../lib/domain/margin/starknet-healthier.ts'
import {
  coreMargin,
  type CoreMargin,
  type CoreMark,
  type CoreMarks,
} from '../../../lib/domain/margin/starknet-margin.ts'
import { afterExchange, type Exchange } from '../../../lib/domain/margin/starknet-trade.ts'
import type { CoreAsset, CorePosition, CoreState } from './core-state.ts'
import { type Hex, hex } from './felt.ts'
import { assertBytes, assertFelt, feltPanic, Panic } from './panic.ts'

// Texts: starknet-perpetual positions.cairo and value_risk_calculator.cairo.

/** Takes the fees of trades. It and the insurance fund are there from the start. */
export const feePosition = 0n
export const insuranceFundPosition = 1n

/** A position of nobody, with nothing in it. */
export function emptyPosition(id: bigint): CorePosition {
  return {
    id: `${id}`,
    collateral: 0n,
    holdings: [],
    ownerPublicKey: 0n,
    ownerAccount: 0n,
    lastInterest: 0n,
  }
}

export function existingPosition({ positions }: CoreState, id: bigint): CorePosition {
  const position = positions[`${id}`]
  assertFelt(position !== undefined, 'POSITION_DOESNT_EXIST')
  return position
}

export function withPositions(core: CoreState, changed: readonly CorePosition[]): CoreState {
  const positions = { ...core.positions }
  for (const position of changed) positions[position.id] = position
  return { ...core, positions }
}

/** The position after an exchange in one asset, whose funding it settles. */
export function exchanged<T extends Account>(core: CoreState, position: T, exchange: Exchange): T {
  const mark = markOf(core.assets[keyOf(exchange.asset)])
  if (mark === undefined) throw new RangeError(`an asset of an exchange is not registered`)
  const { collateral, holdings } = afterExchange(position, exchange, mark)
  return { ...position, collateral, holdings }
}

export function paid<T extends Account>(position: T, amount: bigint): T {
  const collateral = position.collateral + amount
  assertFelt(collateral < 1n << 63n, 'i64_add Overflow')
  return { ...position, collateral }
}

/** With money added to a position, but to nothing else of it. */
export function credited(core: CoreState, id: bigint, amount: bigint): CoreState {
  return amount === 0n ? core : withPositions(core, [paid(existingPosition(core, id), amount)])
}

/** What the views say; the contract's panic where numbers leave their types. */
export function marginOf(core: CoreState, account: Account): Known {
  const margin = coreMargin(account, marksOf(core, account), core.generation)
  if (margin.kind === 'unknown') throw new Panic(feltPanic(margin.reason))
  return margin
}

type Known = Extract<CoreMargin, { kind: 'margin' }>

/** A position on both sides of a change. */
export type PositionChange = { readonly before: CorePosition; readonly after: CorePosition }

/** Healthy afterwards, or healthier than before. */
export function checkHealthier(core: CoreState, change: PositionChange): void {
  const [before, after] = [marginOf(core, change.before), marginOf(core, change.after)]
  checkMargins(isHealthyOrHealthier(before, after, core.generation), {
    text: 'POSITION_NOT_HEALTHY_NOR_HEALTHIER',
    id: change.before.id,
    before,
    after,
  })
}

export function checkMargins(
  isAllowed: boolean,
  {
    text,
    id,
    before,
    after,
  }: {
    readonly text: string
    readonly id: string
    readonly before: Margin
    readonly after: Margin
  },
): void {
  assertBytes(
    isAllowed,
    `${text} ${named(id)} TV before ${before.value}, TR before ${before.requirement}, TV after ${after.value}, TR after ${after.requirement}`,
  )
}

/** As the contract prints a position in its texts. */
export function named(position: bigint | string): string {
  return `position_id: PositionId { value: ${position} }`
}

function marksOf({ assets }: CoreState, { holdings }: Account): CoreMarks {
  const marks: Record<string, CoreMark> = {}
  for (const { asset } of holdings) {
    const mark = markOf(assets[keyOf(asset)])
    if (mark !== undefined) marks[asset] = mark
  }
  return marks
}

export function markOf(asset: CoreAsset | undefined): CoreMark | undefined {
  if (asset === undefined) return undefined
  const { kind, price, fundingIndex, firstTierBoundary, tierSize } = asset
  const riskFactorTiers = asset.riskFactorTiers.map(BigInt)
  return { kind, price, fundingIndex, riskFactorTiers, firstTierBoundary, tierSize }
}

/** Holdings are named by their asset's id in hex. */
function keyOf(asset: string): Hex {
  return hex(BigInt(asset))
}

/** Amounts are u64 in arguments and i64 in positions. */
export function signedAmount(amount: bigint): bigint {
  assertFelt(amount < 1n << 63n, "Balance value doesn't fit i64")
  return amount
}
