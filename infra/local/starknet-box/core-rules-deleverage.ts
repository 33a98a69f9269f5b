import { isFair } from '../../../lib/domain/margin/starknet-deleverage.ts'
import {
  holdingMargin,
  holdingValue,
  magnitude,
} from '../../../lib/domain/margin/starknet-margin.ts'
import { existingAsset, useFreshAssets, useNonceThenFreshAssets } from './core-rules-access.ts'
import { withInterest } from './core-rules-interest.ts'
import { checkShrinks } from './core-rules-liquidate.ts'
import { collateralId } from './core-rules-orders.ts'
import {
  checkHealthier,
  checkMargins,
  exchanged,
  existingPosition,
  marginOf,
  markOf,
  named,
  type PositionChange,
  withPositions,
} from './core-rules-positions.ts'
import type { CoreAsset, CoreCall, CoreEffect, CorePosition, CoreState } from './core-state.ts'
import { felt, hex, type Hex } from './felt.ts'
import { assertBytes, assertFelt } from './panic.ts'
import { selectorOf } from './selectors.ts'

// Orders and texts: starknet-perpetual deleverage_manager.cairo and core.cairo, generations C and D.

export type Deleverage = {
  readonly operatorNonce: bigint
  readonly deleveragedPositionId: bigint
  readonly deleveragerPositionId: bigint
  readonly baseAssetId: bigint
  readonly deleveragedBaseAmount: bigint
  readonly deleveragedQuoteAmount: bigint
  readonly interestAmountDeleveraged: bigint
  readonly interestAmountDeleverager: bigint
}

/** Both positions are looked up before the asset and the amounts. */
export function deleverage(core: CoreState, call: CoreCall, args: Deleverage): CoreEffect {
  const used = useFreshAssets(core, call, args.operatorNonce)
  const [base, quote] = [args.deleveragedBaseAmount, args.deleveragedQuoteAmount]
  const bankrupt = existingPosition(used, args.deleveragedPositionId)
  const other = existingPosition(used, args.deleveragerPositionId)
  const asset = deleveragedAsset(used, args.baseAssetId)
  assertFelt(bankrupt !== other, 'INVALID_SAME_POSITIONS')
  assertFelt(base !== 0n && quote !== 0n, 'INVALID_ZERO_AMOUNT')
  assertFelt(base > 0n !== quote > 0n, 'INVALID_AMOUNT_SIGN')
  assertFelt(asset.kind !== 'vault-share', 'NO_DELEVERAGE_VAULT_SHARES')
  checkShrinks(asset, bankrupt, base)
  if (asset.kind === 'synthetic') checkShrinks(asset, other, -base)
  const [interest, otherInterest] = [args.interestAmountDeleveraged, args.interestAmountDeleverager]
  const left = withInterest(used, call, { position: bankrupt, amount: interest })
  const right = withInterest(left.core, call, { position: other, amount: otherInterest })
  const change = {
    before: bankrupt,
    after: exchangedAt(used, left.position, { asset, base, quote, interest }),
  }
  checkDeleveragable(used, change)
  if (asset.kind === 'synthetic') checkFair(used, change)
  else checkFairSpot(used, change, { asset, quote })
  const swap = { asset, base: -base, quote: -quote, interest: otherInterest }
  const after = exchangedAt(used, right.position, swap)
  checkHealthier(used, { before: other, after })
  const keys = [args.deleveragedPositionId, args.deleveragerPositionId]
  const interests = core.generation === 'D' ? [interest, otherInterest] : []
  const data = [asset.id, base, collateralId, quote, ...interests].map(felt)
  return {
    core: withPositions(right.core, [change.after, after]),
    events: [{ keys: [selectorOf('Deleverage'), ...keys], data }],
  }
}

function deleveragedAsset(core: CoreState, id: bigint): CoreAsset {
  if (core.generation === 'C') {
    const asset = core.assets[hex(id)]
    assertFelt(asset !== undefined, 'NOT_SYNTHETIC')
    assertFelt(asset.status === 'ACTIVE', 'SYNTHETIC_NOT_ACTIVE')
    return asset
  }
  const asset = existingAsset(core, id)
  assertFelt(asset.status === 'ACTIVE', 'INACTIVE_ASSET')
  return asset
}

function exchangedAt(
  core: CoreState,
  position: CorePosition,
  one: {
    readonly asset: CoreAsset
    readonly base: bigint
    readonly quote: bigint
    readonly interest: bigint
  },
): CorePosition {
  return exchanged(core, position, { ...one, asset: hex(one.asset.id), fee: 0n })
}

function checkDeleveragable(core: CoreState, change: PositionChange): void {
  const [before, after] = [marginOf(core, change.before), marginOf(core, change.after)]
  const text = 'POSITION_IS_NOT_DELEVERAGABLE'
  checkMargins(before.value < 0n, { text, id: change.before.id, before, after })
  checkHealthier(core, change)
}

function checkFair(core: CoreState, change: PositionChange): void {
  const [before, after] = [marginOf(core, change.before), marginOf(core, change.after)]
  const text = 'POSITION_IS_NOT_FAIR_DELEVERAGE'
  checkMargins(isFair(before, after), { text, id: change.before.id, before, after })
}

/** A spot asset pays its share of the whole debt, give or take one unit of its value, however much of it is taken (generation D). */
function checkFairSpot(
  core: CoreState,
  { before }: PositionChange,
  { asset, quote }: { readonly asset: CoreAsset; readonly quote: bigint },
): void {
  let total = 0n
  let own = 0n
  for (const holding of before.holdings) {
    const held = core.assets[holding.asset as Hex]
    const mark = markOf(held)
    if (held === undefined || mark === undefined) continue
    assertBytes(
      held.kind === 'spot',
      `SPOT_DELEV_NON_SPOT_ASSET asset_id: AssetId { value: ${held.id} }`,
    )
    const { value } = holdingMargin(holding.balance, mark, core.generation)
    total += value
    if (held === asset) own = value
  }
  const debt = magnitude(before.collateral)
  const share = quote * total
  assertBytes(
    (own - 1n) * debt <= share && share <= (own + 1n) * debt,
    `POSITION_IS_NOT_FAIR_SPOT_DELEVERAGE ${named(before.id)} collateral_diff ${quote}, abs_debt ${debt}, asset_tv ${own}, total_spot_tv ${total}`,
  )
}

export type Reduction = {
  readonly operatorNonce: bigint
  readonly positionIdA: bigint
  readonly positionIdB: bigint
  readonly baseAssetId: bigint
  readonly baseAmountA: bigint
}

/** At the oracle's price and without a look at margins, for an asset that may be active too. The nonce is used before ages are looked at. */
export function reduceAssetPosition(core: CoreState, call: CoreCall, args: Reduction): CoreEffect {
  const used = useNonceThenFreshAssets(core, call, args.operatorNonce)
  const a = existingPosition(used, args.positionIdA)
  const b = existingPosition(used, args.positionIdB)
  const asset = reducedAsset(used, args.baseAssetId)
  assertFelt(a !== b, 'INVALID_SAME_POSITIONS')
  const base = args.baseAmountA
  const quote = -holdingValue(base, asset.price)
  assertFelt(base !== 0n && quote !== 0n, 'INVALID_ZERO_AMOUNT')
  checkShrinks(asset, a, base)
  checkShrinks(asset, b, -base)
  const data = [asset.id, base, collateralId, quote].map(felt)
  return {
    core: withPositions(used, [
      exchangedAt(used, a, { asset, base, quote, interest: 0n }),
      exchangedAt(used, b, { asset, base: -base, quote: -quote, interest: 0n }),
    ]),
    events: [
      { keys: [selectorOf('AssetPositionReduced'), args.positionIdA, args.positionIdB], data },
    ],
  }
}

function reducedAsset(core: CoreState, id: bigint): CoreAsset {
  if (core.generation === 'C') return existingAsset(core, id)
  const asset = core.assets[hex(id)]
  assertFelt(asset !== undefined, 'NO_SUCH_ASSET')
  assertFelt(asset.kind === 'synthetic', 'NOT_SYNTHETIC')
  return asset
}
