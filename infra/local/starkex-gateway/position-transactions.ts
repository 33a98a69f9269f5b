import type { CarriedState } from './carried-state.ts'
import type { GatewayConfig } from './gateway-config.ts'
import type { Deleverage, Liquidate } from './gateway-transaction.ts'
import { inRange } from './in-range.ts'
import { filled } from './order-rules.ts'
import { emptyPosition, funded, type Position, statusOf, updated } from './position.ts'
import { refuseUnless } from './refusal.ts'

/** With `seconds` undefined a transaction was checked before, and its signature and time are not again. */
export type Moment = { readonly seconds: bigint | undefined }

/** What a LIQUIDATE makes of the state (liquidate.cairo); throws a `Refusal` where StarkEx would refuse it. */
export function liquidated(
  config: GatewayConfig,
  state: CarriedState,
  tx: Liquidate & Moment,
): CarriedState {
  checkFundingAge(config, state)
  const order = tx.liquidator_order
  const collateral = inRange('AMOUNT', tx.actual_collateral, amountBound)
  const synthetic = inRange('AMOUNT', tx.actual_synthetic, amountBound)
  const fee = inRange('AMOUNT', tx.actual_liquidator_fee, amountBound)
  const id = positionId(tx.liquidated_position_id)
  const liquidator = positionId(order.position_id)
  refuseUnless(id !== liquidator, 'INVALID_LIQUIDATE', 'nobody liquidates himself')
  refuseUnless(
    liquidator !== BigInt(config.feePosition.id),
    'INVALID_LIQUIDATE',
    'the position of the fees does not trade',
  )
  const asset = inRange('ASSET_ID', order.asset_id_synthetic, 2n ** 120n)
  const position = positionIn(state, id)
  const before = funded(position, state)
  const { value, risk } = statusOf(before, config, state)
  refuseUnless(value << 32n < risk, 'UNLIQUIDATABLE_POSITION', `position ${id} is healthy`)
  const isBuying = order.is_buying_synthetic
  const taken = isBuying ? -synthetic : synthetic
  checkReducing(before, { asset, amount: taken })
  const world = { config, markets: state }
  const { after } = updated(
    position,
    { collateral: isBuying ? collateral : -collateral, synthetic: { asset, amount: taken } },
    world,
  )
  const positions = new Map([...state.positions, [id, after]])
  const fill = { collateral, synthetic, fee }
  const orders = filled(config, state, { order, fill, seconds: tx.seconds })
  const fees = BigInt(config.feePosition.id)
  const paid = updated(
    positions.get(fees) ?? emptyPosition,
    { collateral: fee, publicKey: BigInt(config.feePosition.publicKey) },
    world,
  )
  positions.set(fees, paid.after)
  const own = updated(
    positions.get(liquidator) ?? emptyPosition,
    {
      collateral: (isBuying ? -collateral : collateral) - fee,
      synthetic: { asset, amount: -taken },
      publicKey: BigInt(order.public_key),
    },
    world,
  )
  positions.set(liquidator, own.after)
  return { ...state, positions, orders }
}

/** What a DELEVERAGE makes of the state (deleverage.cairo); throws a `Refusal` where StarkEx would refuse it. */
export function deleveraged(
  config: GatewayConfig,
  state: CarriedState,
  tx: Deleverage,
): CarriedState {
  checkFundingAge(config, state)
  const collateral = inRange('AMOUNT', tx.amount_collateral, amountBound)
  const synthetic = inRange('AMOUNT', tx.amount_synthetic, amountBound)
  const id = positionId(tx.deleveraged_position_id)
  const other = positionId(tx.deleverager_position_id)
  refuseUnless(id !== other, 'SAME_POSITION_ID', 'both positions are one')
  const asset = inRange('ASSET_ID', tx.synthetic_asset_id, 2n ** 120n)
  const sign = tx.deleverager_is_buying_synthetic ? 1n : -1n
  const world = { config, markets: state }
  const bankrupt = updated(
    positionIn(state, id),
    { collateral: sign * collateral, synthetic: { asset, amount: -sign * synthetic } },
    world,
  )
  const taker = updated(
    positionIn(state, other),
    { collateral: -sign * collateral, synthetic: { asset, amount: sign * synthetic } },
    world,
  )
  checkReducing(taker.before, { asset, amount: sign * synthetic })
  const was = statusOf(bankrupt.before, config, state)
  const now = statusOf(bankrupt.after, config, state)
  refuseUnless(was.value < 0n, 'UNDELEVERAGABLE_POSITION', `position ${id} is worth something`)
  refuseUnless(
    (now.value - (1n << 32n)) * was.risk < was.value * now.risk,
    'UNFAIR_DELEVERAGE',
    `position ${id} could do with less than ${collateral}`,
  )
  const positions = new Map([
    ...state.positions,
    [id, bankrupt.after] as const,
    [other, taker.after] as const,
  ])
  return { ...state, positions }
}

/** Ticks may come at any time; what else comes needs fresh funding (execute_batch.cairo). */
function checkFundingAge(
  { fundingValiditySeconds }: GatewayConfig,
  { systemTime, fundingTime }: CarriedState,
): void {
  refuseUnless(
    systemTime <= fundingTime + BigInt(fundingValiditySeconds),
    'INVALID_FUNDING_TICK_TIMESTAMP',
    `funding is of ${fundingTime}, the exchange’s time is ${systemTime}`,
  )
}

/** The holding neither grows nor turns. */
function checkReducing(
  { assets }: Position,
  { asset, amount }: { readonly asset: bigint; readonly amount: bigint },
): void {
  const held = assets.get(asset)?.balance ?? 0n
  const isReducing = amount >= 0n ? amount <= -held : -amount <= held
  refuseUnless(
    isReducing,
    'ILLEGAL_POSITION_TRANSITION_ENLARGING_SYNTHETIC_HOLDINGS',
    `${amount} more of ${held}`,
  )
}

function positionIn({ positions }: CarriedState, id: bigint): Position {
  return positions.get(id) ?? emptyPosition
}

function positionId(text: string): bigint {
  return inRange('POSITION_ID', text, 1n << 64n)
}

const amountBound = 1n << 64n
