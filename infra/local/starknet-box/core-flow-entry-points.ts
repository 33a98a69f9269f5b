import { address, type Codec, felt252, i64, span, structOf, unsigned } from './cairo-codec.ts'
import {
  deleverage,
  liquidate,
  processDeposit,
  reduceAssetPosition,
  trade,
} from './core-rules-flows.ts'
import type { Order } from './core-rules-orders.ts'
import type { CoreCall, CoreState } from './core-state.ts'
import { entryPoint, type EntryPoint } from './entry-point.ts'

const signature = span(felt252)
const positionId = unsigned(32)
const amount = unsigned(64)
const operatorNonce = unsigned(64)

const order: Codec<Order> = structOf('starknet_box::Order', {
  positionId,
  baseAssetId: felt252,
  baseAmount: i64,
  quoteAssetId: felt252,
  quoteAmount: i64,
  feeAssetId: felt252,
  feeAmount: amount,
  expiration: unsigned(64),
  salt: felt252,
})

/** What changes positions, with the arguments of generation C: no interest. */
export const coreFlows: readonly EntryPoint<CoreState, CoreCall, never>[] = [
  entryPoint({
    name: 'trade',
    kind: 'external',
    inputs: {
      operatorNonce,
      signatureA: signature,
      signatureB: signature,
      orderA: order,
      orderB: order,
      actualAmountBaseA: i64,
      actualAmountQuoteA: i64,
      actualFeeA: amount,
      actualFeeB: amount,
    },
    run: (core: CoreState, call: CoreCall, args) => trade(core, call, args),
  }),
  entryPoint({
    name: 'liquidate',
    kind: 'external',
    inputs: {
      operatorNonce,
      liquidatorSignature: signature,
      liquidatedPositionId: positionId,
      liquidatorOrder: order,
      actualAmountBaseLiquidated: i64,
      actualAmountQuoteLiquidated: i64,
      actualLiquidatorFee: amount,
      liquidatedFeeAmount: amount,
    },
    run: (core: CoreState, call: CoreCall, args) => liquidate(core, call, args),
  }),
  entryPoint({
    name: 'deleverage',
    kind: 'external',
    inputs: {
      operatorNonce,
      deleveragedPositionId: positionId,
      deleveragerPositionId: positionId,
      baseAssetId: felt252,
      deleveragedBaseAmount: i64,
      deleveragedQuoteAmount: i64,
    },
    run: (core: CoreState, call: CoreCall, args) => deleverage(core, call, args),
  }),
  entryPoint({
    name: 'reduce_asset_position',
    kind: 'external',
    inputs: {
      operatorNonce,
      positionIdA: positionId,
      positionIdB: positionId,
      baseAssetId: felt252,
      baseAmountA: i64,
    },
    run: (core: CoreState, call: CoreCall, args) => reduceAssetPosition(core, call, args),
  }),
  entryPoint({
    name: 'process_deposit',
    kind: 'external',
    inputs: {
      operatorNonce,
      depositor: address,
      assetId: felt252,
      positionId,
      quantizedAmount: amount,
      salt: felt252,
    },
    run: (core: CoreState, call: CoreCall, args) => processDeposit(core, call, args),
  }),
]
