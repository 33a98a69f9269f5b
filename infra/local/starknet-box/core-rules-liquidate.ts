import type {
  LimitOrder,
  Order,
} from '../../../lib/adapters/engines/starknet-perpetual/order-hash.ts'
import { healthOf } from '../../../lib/domain/margin/account.ts'
import { holdingOf, whyNoShrink } from '../../../lib/domain/margin/starknet-trade.ts'
import { existingAsset, useFreshAssets } from './core-rules-access.ts'
import { withInterest } from './core-rules-interest.ts'
import { checkTrade, collateralId, orderWords } from './core-rules-orders.ts'
import {
  checkHealthier,
  checkMargins,
  credited,
  exchanged,
  existingPosition,
  feePosition,
  insuranceFundPosition,
  marginOf,
  paid,
  type PositionChange,
  withPositions,
} from './core-rules-positions.ts'
import {
  checkOwnerSignature,
  fulfilled,
  limitOrderHashOf,
  orderHashOf,
} from './core-rules-signatures.ts'
import type { CoreAsset, CoreCall, CoreEffect, CorePosition, CoreState } from './core-state.ts'
import { felt, hex } from './felt.ts'
import { assertFelt } from './panic.ts'
import { selectorOf } from './selectors.ts'

// Orders and texts: starknet-perpetual liquidation_manager.cairo, generations C and D.

type Fees = {
  readonly actualLiquidatorFee: bigint
  readonly liquidatedFeeAmount: bigint
}

export type Liquidation = Fees & {
  readonly operatorNonce: bigint
  readonly liquidatorSignature: readonly bigint[]
  readonly liquidatedPositionId: bigint
  readonly liquidatorOrder: Order
  readonly actualAmountBaseLiquidated: bigint
  readonly actualAmountQuoteLiquidated: bigint
  readonly interestAmountLiquidated: bigint
  readonly interestAmountLiquidator: bigint
}

/** The liquidated position stands in for an order of exactly what is settled, good for this second. */
export function liquidate(core: CoreState, call: CoreCall, args: Liquidation): CoreEffect {
  const used = useFreshAssets(core, call, args.operatorNonce)
  const { liquidatorOrder: order, liquidatedPositionId } = args
  const [base, quote] = [args.actualAmountBaseLiquidated, args.actualAmountQuoteLiquidated]
  checkNotInsuranceFund([liquidatedPositionId, order.positionId])
  const asset = existingAsset(used, order.baseAssetId)
  // Generation D compares with what the order itself names.
  const quoteId = core.generation === 'D' ? order.quoteAssetId : collateralId
  checkLiquidation(used, call, { ...args, base, quote, order, quoteId })
  const liquidated = existingPosition(used, liquidatedPositionId)
  const liquidator = existingPosition(used, order.positionId)
  const hash = orderHashOf(used, order, liquidator)
  checkOwnerSignature(liquidator, hash, args.liquidatorSignature)
  const position = order.positionId
  const filled = fulfilled(used, { position, hash, ordered: order.baseAmount, actual: base })
  const interest = args.interestAmountLiquidator
  const left = withInterest(filled, call, {
    position: liquidated,
    amount: args.interestAmountLiquidated,
  })
  const right = withInterest(left.core, call, { position: liquidator, amount: interest })
  assertFelt(asset.kind !== 'vault-share', 'USE_LIQUIDATE_VAULT_SHARES')
  checkShrinks(asset, liquidated, base)
  const change = liquidatedChange(used, left.position, { ...args, base, quote, asset, liquidated })
  checkLiquidatable(used, change)
  const bought = exchanged(used, right.position, {
    asset: hex(asset.id),
    base: -base,
    quote: -quote,
    fee: args.actualLiquidatorFee,
    interest,
  })
  checkHealthier(used, { before: liquidator, after: bought })
  const settled = withPositions(right.core, [change.after, bought])
  return {
    core: withFees(settled, args),
    events: [liquidateEvent(core, { ...args, order, position, hash, base, quote, receiver: 0n })],
  }
}

export type SpotLiquidation = Fees & {
  readonly operatorNonce: bigint
  readonly liquidatedPositionId: bigint
  readonly liquidatorOrder: LimitOrder
  readonly liquidatorSignature: readonly bigint[]
  readonly actualAmountSpotCollateral: bigint
  readonly actualAmountBaseCollateral: bigint
  readonly interestAmountLiquidated: bigint
  readonly interestAmountLiquidator: bigint
  readonly interestAmountLiquidatorReceiver: bigint
}

/** One position pays, and the same or another one gets the asset (generation D). Where it is the same, the receiver's interest is told but neither checked nor paid. */
export function liquidateSpotAsset(
  core: CoreState,
  call: CoreCall,
  args: SpotLiquidation,
): CoreEffect {
  const used = useFreshAssets(core, call, args.operatorNonce)
  const { liquidatorOrder: order, liquidatedPositionId } = args
  const { sourcePosition, receivePosition } = order
  const [base, quote] = [args.actualAmountSpotCollateral, args.actualAmountBaseCollateral]
  const asset = used.assets[hex(order.baseAssetId)]
  assertFelt(asset !== undefined, 'NO_SUCH_ASSET')
  assertFelt(asset.kind === 'spot', 'INVALID_ASSET_TYPE')
  checkNotInsuranceFund([receivePosition])
  assertFelt(receivePosition !== feePosition, 'CANT_LIQUIDATE_WITH_FP')
  assertFelt(receivePosition !== liquidatedPositionId, 'INVALID_SAME_POSITIONS')
  checkNotInsuranceFund([liquidatedPositionId, sourcePosition])
  const asOrder = { ...order, positionId: sourcePosition }
  checkLiquidation(used, call, { ...args, base, quote, order: asOrder, quoteId: collateralId })
  const liquidated = existingPosition(used, liquidatedPositionId)
  const source = existingPosition(used, sourcePosition)
  existingPosition(used, receivePosition)
  const hash = limitOrderHashOf(used, order, source)
  checkOwnerSignature(source, hash, args.liquidatorSignature)
  const fill = { position: sourcePosition, hash, ordered: order.baseAmount, actual: base }
  const left = withInterest(fulfilled(used, fill), call, {
    position: liquidated,
    amount: args.interestAmountLiquidated,
  })
  const bought = spotBought(left.core, call, args)
  checkShrinks(asset, liquidated, base)
  const change = liquidatedChange(used, left.position, { ...args, base, quote, asset, liquidated })
  checkLiquidatable(used, change)
  for (const one of bought.changes) checkHealthier(used, one)
  const changed = [change.after, ...bought.changes.map(({ after }) => after)]
  const event = { ...args, order: asOrder, position: sourcePosition, hash, base, quote }
  const receiver = args.interestAmountLiquidatorReceiver
  return {
    core: withFees(withPositions(bought.core, changed), args),
    events: [liquidateEvent(core, { ...event, receiver })],
  }
}

/** What becomes of who pays and of who gets the asset. */
function spotBought(
  core: CoreState,
  call: CoreCall,
  args: SpotLiquidation,
): { readonly core: CoreState; readonly changes: readonly PositionChange[] } {
  const { sourcePosition, receivePosition, baseAssetId } = args.liquidatorOrder
  const source = existingPosition(core, sourcePosition)
  const amount = args.interestAmountLiquidator
  const payer = withInterest(core, call, { position: source, amount })
  const price = args.actualAmountBaseCollateral + args.actualLiquidatorFee
  const paying = paid(payer.position, amount - price)
  const bought = { asset: hex(baseAssetId), base: -args.actualAmountSpotCollateral }
  const nothing = { quote: 0n, fee: 0n, interest: 0n }
  if (sourcePosition === receivePosition) {
    const after = exchanged(core, paying, { ...bought, ...nothing })
    return { core: payer.core, changes: [{ before: source, after }] }
  }
  const before = existingPosition(core, receivePosition)
  const interest = args.interestAmountLiquidatorReceiver
  const receiver = withInterest(payer.core, call, { position: before, amount: interest })
  const after = exchanged(core, receiver.position, { ...bought, ...nothing, interest })
  return {
    core: receiver.core,
    changes: [
      { before: source, after: paying },
      { before, after },
    ],
  }
}

function checkNotInsuranceFund(positions: readonly bigint[]): void {
  assertFelt(!positions.includes(insuranceFundPosition), 'CANT_LIQUIDATE_IF_POSITION')
}

function checkLiquidation(
  core: CoreState,
  { now }: CoreCall,
  one: Fees & {
    readonly liquidatedPositionId: bigint
    readonly order: Order
    readonly base: bigint
    readonly quote: bigint
    readonly quoteId: bigint
  },
): void {
  const { order, base, quote, quoteId } = one
  const liquidated = {
    ...order,
    positionId: one.liquidatedPositionId,
    baseAmount: base,
    quoteAmount: quote,
    feeAmount: one.liquidatedFeeAmount,
    expiration: now,
  }
  const [feeA, feeB] = [one.liquidatedFeeAmount, one.actualLiquidatorFee]
  checkTrade(core, now, { a: liquidated, b: order, base, quote, feeA, feeB, quoteId })
}

/** A holding may only get smaller, and not change sides. */
export function checkShrinks(asset: CoreAsset, position: CorePosition, change: bigint): void {
  const why = whyNoShrink(holdingOf(position, hex(asset.id)).balance, change, asset)
  assertFelt(why === undefined, why ?? '')
}

function liquidatedChange(
  core: CoreState,
  touched: CorePosition,
  one: {
    readonly liquidated: CorePosition
    readonly asset: CoreAsset
    readonly base: bigint
    readonly quote: bigint
    readonly liquidatedFeeAmount: bigint
    readonly interestAmountLiquidated: bigint
  },
): PositionChange {
  const { liquidated, asset, base, quote } = one
  const [fee, interest] = [one.liquidatedFeeAmount, one.interestAmountLiquidated]
  const exchange = { asset: hex(asset.id), base, quote, fee, interest }
  return { before: liquidated, after: exchanged(core, touched, exchange) }
}

function checkLiquidatable(core: CoreState, change: PositionChange): void {
  const [before, after] = [marginOf(core, change.before), marginOf(core, change.after)]
  const text = 'POSITION_IS_NOT_LIQUIDATABLE'
  checkMargins(healthOf(before) !== 'healthy', { text, id: change.before.id, before, after })
  checkHealthier(core, change)
}

function withFees(core: CoreState, fees: Fees): CoreState {
  const insured = credited(core, insuranceFundPosition, fees.liquidatedFeeAmount)
  return credited(insured, feePosition, fees.actualLiquidatorFee)
}

function liquidateEvent(
  { generation }: CoreState,
  one: Fees & {
    readonly liquidatedPositionId: bigint
    readonly position: bigint
    readonly hash: bigint
    readonly order: Order
    readonly base: bigint
    readonly quote: bigint
    readonly interestAmountLiquidated: bigint
    readonly interestAmountLiquidator: bigint
    /** The receiver's interest. */
    readonly receiver: bigint
  },
) {
  const interests = [one.interestAmountLiquidated, one.interestAmountLiquidator, one.receiver]
  const fees = [one.actualLiquidatorFee, collateralId, one.liquidatedFeeAmount]
  return {
    keys: [selectorOf('Liquidate'), one.liquidatedPositionId, one.position, one.hash],
    data: [
      ...orderWords(one.order),
      ...[one.base, one.quote, ...fees, ...(generation === 'D' ? interests : [])].map(felt),
    ],
  }
}
