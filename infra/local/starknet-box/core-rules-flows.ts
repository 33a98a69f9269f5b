import { assertNotPaused, useOperatorNonce } from './core-rules-access.ts'
import { checkAssetsIntegrity } from './core-rules-integrity.ts'
import { checkTrade, type Order } from './core-rules-orders.ts'
import type { CoreCall, CoreState } from './core-state.ts'
import { feltPanic, Panic } from './panic.ts'

// The contract's checks in its order, up to the first look at a position or a deposit, of which
// there are none here (not even the fee and insurance positions): no flow gets further.
// Orders: starknet-perpetual core.cairo, liquidation_manager.cairo, deleverage_manager.cairo and
// deposit.cairo, generation C.

type Operated = { readonly operatorNonce: bigint }

type Trade = Operated & {
  readonly orderA: Order
  readonly orderB: Order
  readonly actualAmountBaseA: bigint
  readonly actualAmountQuoteA: bigint
  readonly actualFeeA: bigint
  readonly actualFeeB: bigint
}

export function trade(core: CoreState, call: CoreCall, args: Trade): never {
  useFreshAssets(core, call, args)
  checkTrade(core, call.now, {
    a: args.orderA,
    b: args.orderB,
    base: args.actualAmountBaseA,
    quote: args.actualAmountQuoteA,
    feeA: args.actualFeeA,
    feeB: args.actualFeeB,
  })
  return positionMissing()
}

type Liquidation = Operated & {
  readonly liquidatedPositionId: bigint
  readonly liquidatorOrder: Order
  readonly actualAmountBaseLiquidated: bigint
  readonly actualAmountQuoteLiquidated: bigint
  readonly actualLiquidatorFee: bigint
  readonly liquidatedFeeAmount: bigint
}

const insuranceFundPosition = 1n

/** The liquidated position stands in for an order of exactly what is settled, good for this second. */
export function liquidate(core: CoreState, call: CoreCall, args: Liquidation): never {
  useFreshAssets(core, call, args)
  const { liquidatedPositionId, liquidatorOrder } = args
  const positions = [liquidatedPositionId, liquidatorOrder.positionId]
  if (positions.includes(insuranceFundPosition)) return panic('CANT_LIQUIDATE_IF_POSITION')
  const base = args.actualAmountBaseLiquidated
  const quote = args.actualAmountQuoteLiquidated
  const liquidatedOrder = {
    ...liquidatorOrder,
    positionId: liquidatedPositionId,
    baseAmount: base,
    quoteAmount: quote,
    feeAmount: args.liquidatedFeeAmount,
    expiration: call.now,
  }
  checkTrade(core, call.now, {
    a: liquidatedOrder,
    b: liquidatorOrder,
    base,
    quote,
    feeA: args.liquidatedFeeAmount,
    feeB: args.actualLiquidatorFee,
  })
  return positionMissing()
}

/** Both positions are looked up before the asset and the amounts. */
export function deleverage(core: CoreState, call: CoreCall, args: Operated): never {
  useFreshAssets(core, call, args)
  return positionMissing()
}

/** The one flow that uses the nonce before it looks at ages; both positions are looked up before the rest. */
export function reduceAssetPosition(core: CoreState, call: CoreCall, args: Operated): never {
  const used = useOperatorNonce(core, call.caller, args.operatorNonce)
  checkAssetsIntegrity(used, call.now)
  return positionMissing()
}

/** Stale funding and prices do not stop it. Answers for the base collateral; what generation C says of another asset's deposit is not recorded. */
export function processDeposit(core: CoreState, call: CoreCall, args: Operated): never {
  useOperatorNonce(core, call.caller, args.operatorNonce)
  return panic('DEPOSIT_NOT_REGISTERED')
}

/** Stale funding or prices hide a caller without the role and a wrong nonce. */
function useFreshAssets(core: CoreState, call: CoreCall, { operatorNonce }: Operated): void {
  assertNotPaused(core)
  useOperatorNonce(checkAssetsIntegrity(core, call.now), call.caller, operatorNonce)
}

function positionMissing(): never {
  return panic('POSITION_DOESNT_EXIST')
}

function panic(text: string): never {
  throw new Panic(feltPanic(text))
}
