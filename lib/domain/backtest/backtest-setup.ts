import type { Decimal } from '../decimal.ts'
import type { Feeds } from '../feed.ts'
import type { FundingPolicy } from '../funding/plan-funding.ts'
import type { LiquidationPolicy } from '../liquidation/liquidation-policy.ts'
import type { AdlRule } from '../margin/adl-ranking.ts'
import type { EvmLiquidationRules } from '../margin/evm-liquidation.ts'
import type { PushPolicy } from '../push-policy.ts'

/** All that decides a backtest besides the recordings themselves. */
export type BacktestSetup = {
  readonly feeds: Feeds
  /** The first and the last round. */
  readonly from: number
  readonly to: number
  readonly everyMs: number
  /** How often what is posted is compared with what sources say: as often as a round, or more, whatever the rounds. */
  readonly judgeMs: number
  readonly seed: number
  /** By market. */
  readonly push: Readonly<Record<string, PushPolicy>>
  /** Undefined where the network file settles none. */
  readonly funding: FundingSetup | undefined
  readonly liquidation: {
    readonly policy: LiquidationPolicy
    readonly adlRule: AdlRule
    readonly mostDeleverages: number
    /** How often accounts are looked at while there is anything to do. */
    readonly everyMs: number
  }
  readonly exchange: ExchangeRules
  readonly costs: PushCosts
  /** From a round until its price is posted. */
  readonly pushLatencyMs: number
  /** From an account's fall until it can be liquidated. */
  readonly liquidationDelayMs: number
  readonly wrongBps: number
  readonly slackBps: number
  readonly accounts: number
}

export type FundingSetup = {
  readonly policy: FundingPolicy
  readonly impactNotional: Readonly<Record<string, Decimal>>
}

/** The EVM engine's own rules, the same for all markets: they stand in its contract, not in the network file. */
export type ExchangeRules = {
  readonly initialMarginBps: bigint
  readonly maintenanceMarginBps: bigint
  readonly penaltyBps: bigint
  /** For one epoch, at 18 decimals. */
  readonly maxFundingRate: bigint
  /** An older price decides nothing. */
  readonly maxPriceAgeSeconds: number
  readonly rules: EvmLiquidationRules
  /** At the beginning, in the collateral's smallest units. */
  readonly insuranceFund: bigint
}

export type PushCosts = {
  readonly gasPerTransaction: bigint
  readonly gasPerPrice: bigint
  /** In 1e-18 USD. */
  readonly usdPerGas: bigint
}

/** The collateral has six decimals: its smallest units in a dollar, and what the engine divides price times size by. */
export const dollar = 1_000_000n
export const unit = 10n ** 30n
