import type { FundingTick } from '../funding/funding-tick.ts'
import type { TickPrice } from '../oracle-prices-tick.ts'
import type { Timestamp } from '../time.ts'

/** What a keeper hands a StarkEx gateway. Amounts are in smallest units; ids of assets are felts. */
export type StarkexTransaction =
  | StarkexPricesTick
  | StarkexFundingTick
  | StarkexLiquidate
  | StarkexDeleverage

export type StarkexPricesTick = {
  readonly type: 'ORACLE_PRICES_TICK'
  /** Becomes the exchange's time; whole seconds. */
  readonly at: Timestamp
  readonly prices: readonly TickPrice[]
}

export type StarkexFundingTick = {
  readonly type: 'FUNDING_TICK'
  /** Becomes the exchange's time and that of its funding; whole seconds. */
  readonly at: Timestamp
  readonly ticks: readonly FundingTick[]
}

/** The liquidator's order says what he takes at most; the actual amounts are what he takes. */
export type StarkexLiquidate = {
  readonly type: 'LIQUIDATE'
  readonly liquidated: bigint
  readonly order: SignedLimitOrder
  readonly actualCollateral: bigint
  readonly actualSynthetic: bigint
  readonly actualFee: bigint
}

/** Nobody signs it. */
export type StarkexDeleverage = {
  readonly type: 'DELEVERAGE'
  /** Who is bankrupt, and who takes over from him. */
  readonly deleveraged: bigint
  readonly deleverager: bigint
  readonly asset: bigint
  readonly synthetic: bigint
  readonly collateral: bigint
  readonly isDeleveragerBuying: boolean
}

/** LIMIT_ORDER_WITH_FEES: up to so much of the synthetic, at that ratio or a better one, for at most that fee. */
export type LimitOrder = {
  readonly nonce: bigint
  readonly publicKey: bigint
  readonly synthetic: bigint
  readonly collateral: bigint
  /** In the collateral. */
  readonly fee: bigint
  readonly syntheticAsset: bigint
  readonly collateralAsset: bigint
  readonly position: bigint
  readonly isBuying: boolean
  /** Hours since the epoch. */
  readonly expirationHours: bigint
}

export type SignedLimitOrder = LimitOrder & { readonly r: bigint; readonly s: bigint }
