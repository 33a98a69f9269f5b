import { address, bool, type Codec, felt252, i64, span } from './cairo-codec.ts'
import type { CoreFunction } from './core-entry-points.ts'
import {
  amount,
  limitOrder,
  operatorNonce,
  order,
  positionId,
  positionInterest,
  seconds,
  settlement,
  signature,
} from './core-flow-codecs.ts'
import { deleverage, reduceAssetPosition } from './core-rules-deleverage.ts'
import { cancelDeposit, deposit, processDeposit, rejectDeposit } from './core-rules-deposits.ts'
import { applyInterests, updateExchangeTime } from './core-rules-interest.ts'
import { liquidate, liquidateSpotAsset } from './core-rules-liquidate.ts'
import { collateralId } from './core-rules-orders.ts'
import {
  cleanFulfillments,
  enableEscapeHatch,
  forcedRequest,
  newPosition,
} from './core-rules-owners.ts'
import { transfer, transferRequest, withdraw, withdrawRequest } from './core-rules-requests.ts'
import { multiTrade, trade } from './core-rules-trade.ts'
import type { CoreCall, CoreState } from './core-state.ts'
import { entryPoint } from './entry-point.ts'

const deposited = {
  assetId: felt252,
  positionId,
  quantizedAmount: amount,
  salt: felt252,
}
const operatedDeposit = { operatorNonce, depositor: address, ...deposited }
const orderOfRequest = { positionId, amount, expiration: seconds, salt: felt252 }
const deleveraged = {
  operatorNonce,
  deleveragedPositionId: positionId,
  deleveragerPositionId: positionId,
  baseAssetId: felt252,
  deleveragedBaseAmount: i64,
  deleveragedQuoteAmount: i64,
}
const liquidated = {
  operatorNonce,
  liquidatorSignature: signature,
  liquidatedPositionId: positionId,
  liquidatorOrder: order,
  actualAmountBaseLiquidated: i64,
  actualAmountQuoteLiquidated: i64,
  actualLiquidatorFee: amount,
  liquidatedFeeAmount: amount,
}
const withdrawn = { recipient: address, ...orderOfRequest }
const bothSignatures = { signatureA: signature, signatureB: signature }
const redeemed = { order: limitOrder, vaultApproval: limitOrder }
const transferred = { assetId: felt252, recipient: positionId, ...orderOfRequest }

type State = CoreState
type Call = CoreCall

/** What changes positions, in both generations. */
const commonFlows: readonly CoreFunction[] = [
  entryPoint({
    name: 'new_position',
    kind: 'external',
    inputs: {
      operatorNonce,
      positionId,
      ownerPublicKey: felt252,
      ownerAccount: address,
      ownerProtectionEnabled: bool,
    },
    run: (core: State, call: Call, args) => newPosition(core, call, args),
  }),
  entryPoint({
    name: 'deposit',
    kind: 'external',
    inputs: { positionId, quantizedAmount: amount, salt: felt252 },
    run: (core: State, call: Call, args) => deposit(core, call, { assetId: collateralId, ...args }),
  }),
  entryPoint({ name: 'deposit_asset', kind: 'external', inputs: deposited, run: deposit }),
  entryPoint({ name: 'cancel_deposit', kind: 'external', inputs: deposited, run: cancelDeposit }),
  entryPoint({
    name: 'reject_deposit',
    kind: 'external',
    inputs: operatedDeposit,
    run: rejectDeposit,
  }),
  entryPoint({
    name: 'transfer_request',
    kind: 'external',
    inputs: { signature, ...transferred },
    run: (core: State, call: Call, { assetId, ...args }) =>
      transferRequest(core, call, { collateralId: assetId, ...args }),
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
    run: (core: State, call: Call, args) => reduceAssetPosition(core, call, args),
  }),
]

/** Without interest. */
export const flowsOfC: readonly CoreFunction[] = [
  ...commonFlows,
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
    run: (core: State, call: Call, args) => trade(core, call, args),
  }),
  entryPoint({
    name: 'liquidate',
    kind: 'external',
    inputs: liquidated,
    run: (core: State, call: Call, args) =>
      liquidate(core, call, {
        ...args,
        interestAmountLiquidated: 0n,
        interestAmountLiquidator: 0n,
      }),
  }),
  entryPoint({
    name: 'deleverage',
    kind: 'external',
    inputs: deleveraged,
    run: (core: State, call: Call, args) =>
      deleverage(core, call, {
        ...args,
        interestAmountDeleveraged: 0n,
        interestAmountDeleverager: 0n,
      }),
  }),
  entryPoint({
    name: 'process_deposit',
    kind: 'external',
    inputs: operatedDeposit,
    run: (core: State, call: Call, args) =>
      processDeposit(core, call, { ...args, interestAmount: 0n }),
  }),
  entryPoint({
    name: 'withdraw_request',
    kind: 'external',
    inputs: { signature, ...withdrawn },
    run: (core: State, call: Call, args) => withdrawRequest(core, call, { collateralId, ...args }),
  }),
  entryPoint({
    name: 'withdraw',
    kind: 'external',
    inputs: { operatorNonce, ...withdrawn },
    run: (core: State, call: Call, args) =>
      withdraw(core, call, { collateralId, ...args, interestAmount: 0n }),
  }),
  entryPoint({
    name: 'transfer',
    kind: 'external',
    inputs: { operatorNonce, ...transferred },
    run: (core: State, call: Call, { assetId, ...args }) =>
      transfer(core, call, {
        collateralId: assetId,
        ...args,
        interestAmountSender: 0n,
        interestAmountRecipient: 0n,
      }),
  }),
]

/** With interest, and a time of the exchange's own. */
export const flowsOfD: readonly CoreFunction[] = [
  ...commonFlows,
  entryPoint({
    name: 'multi_trade',
    kind: 'external',
    inputs: { operatorNonce, trades: span(settlement) },
    run: (core: State, call: Call, args) => multiTrade(core, call, args),
  }),
  entryPoint({
    name: 'liquidate',
    kind: 'external',
    inputs: { ...liquidated, interestAmountLiquidated: i64, interestAmountLiquidator: i64 },
    run: (core: State, call: Call, args) => liquidate(core, call, args),
  }),
  entryPoint({
    name: 'liquidate_spot_asset',
    kind: 'external',
    inputs: {
      operatorNonce,
      liquidatedPositionId: positionId,
      liquidatorOrder: limitOrder,
      liquidatorSignature: signature,
      actualAmountSpotCollateral: i64,
      actualAmountBaseCollateral: i64,
      actualLiquidatorFee: amount,
      liquidatedFeeAmount: amount,
      interestAmountLiquidated: i64,
      interestAmountLiquidator: i64,
      interestAmountLiquidatorReceiver: i64,
    },
    run: (core: State, call: Call, args) => liquidateSpotAsset(core, call, args),
  }),
  entryPoint({
    name: 'deleverage',
    kind: 'external',
    inputs: { ...deleveraged, interestAmountDeleveraged: i64, interestAmountDeleverager: i64 },
    run: (core: State, call: Call, args) => deleverage(core, call, args),
  }),
  entryPoint({
    name: 'process_deposit',
    kind: 'external',
    inputs: { ...operatedDeposit, interestAmount: i64 },
    run: (core: State, call: Call, args) => processDeposit(core, call, args),
  }),
  entryPoint({
    name: 'withdraw_request',
    kind: 'external',
    inputs: { signature, collateralId: felt252, ...withdrawn },
    run: (core: State, call: Call, args) => withdrawRequest(core, call, args),
  }),
  entryPoint({
    name: 'withdraw',
    kind: 'external',
    inputs: { operatorNonce, collateralId: felt252, ...withdrawn, interestAmount: i64 },
    run: (core: State, call: Call, args) => withdraw(core, call, args),
  }),
  entryPoint({
    name: 'transfer',
    kind: 'external',
    inputs: {
      operatorNonce,
      ...transferred,
      interestAmountSender: i64,
      interestAmountRecipient: i64,
    },
    run: (core: State, call: Call, { assetId, ...args }) =>
      transfer(core, call, { collateralId: assetId, ...args }),
  }),
  entryPoint({
    name: 'apply_interests',
    kind: 'external',
    inputs: { operatorNonce, positionInterestAmounts: span(positionInterest) },
    run: (core: State, call: Call, args) => applyInterests(core, call, args),
  }),
  entryPoint({
    name: 'update_exchange_time',
    kind: 'external',
    inputs: { operatorNonce, newTimestamp: seconds },
    run: (core: State, call: Call, args) => updateExchangeTime(core, call, args),
  }),
  entryPoint({
    name: 'clean_fulfillments',
    kind: 'external',
    inputs: { orders: span(order), publicKeys: span(felt252) },
    run: (core: State, call: Call, args) => cleanFulfillments(core, call, args),
  }),
  entryPoint({ name: 'enable_escape_hatch', kind: 'external', inputs: {}, run: enableEscapeHatch }),
  refused('forced_withdraw_request', { signature, collateralId: felt252, ...withdrawn }),
  refused('forced_withdraw', { collateralId: felt252, ...withdrawn }),
  refused('forced_trade_request', { ...bothSignatures, orderA: order, orderB: order }),
  refused('forced_trade', { orderA: order, orderB: order }),
  refused('forced_redeem_from_vault_request', { ...bothSignatures, ...redeemed }),
  refused('forced_redeem_from_vault', redeemed),
]

/** What users might force, and may not. */
function refused(name: string, inputs: Readonly<Record<string, Codec<unknown>>>): CoreFunction {
  return entryPoint({ name, kind: 'external', inputs, run: forcedRequest })
}
