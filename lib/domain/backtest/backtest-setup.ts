import type { Decimal } from '../decimal.ts'
import type { Feeds } from '../feed.ts'
import type { FundingPolicy } from '../funding/plan-funding.ts'
import type { LiquidationPolicy } from '../liquidation/liquidation-policy.ts'
import type { CoreTerms } from '../liquidation/plan-core-liquidations.ts'
import type { AdlRule } from '../margin/adl-ranking.ts'
import type { EvmLiquidationRules } from '../margin/evm-liquidation.ts'
import type { RiskSegment, StarkexMark } from '../margin/starkex-margin.ts'
import type { CoreGeneration, CoreMark } from '../margin/starknet-margin.ts'
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

/** What stands in the exchange's contract and not in the network file, and the same for all its markets. */
export type ExchangeRules = EvmExchangeRules | CoreExchangeRules | StarkexExchangeRules

type AnyExchangeRules = {
  /** What the made accounts ask of themselves; of its contracts the EVM engine alone does. */
  readonly initialMarginBps: bigint
  /** For one epoch, at 18 decimals; on StarkEx for one second, scale 2^32. */
  readonly maxFundingRate: bigint
  /** An older price decides nothing. */
  readonly maxPriceAgeSeconds: number
  /** At the beginning, in the collateral's smallest units. */
  readonly insuranceFund: bigint
}

export type EvmExchangeRules = AnyExchangeRules & {
  readonly kind: 'evm-engine'
  readonly maintenanceMarginBps: bigint
  readonly penaltyBps: bigint
  readonly rules: EvmLiquidationRules
}

export type CoreExchangeRules = AnyExchangeRules & {
  readonly kind: 'starknet-perpetual'
  readonly generation: CoreGeneration
  /** Fee, discount and target: what its contract leaves to whoever liquidates. */
  readonly terms: CoreTerms
  readonly risk: Pick<CoreMark, 'riskFactorTiers' | 'firstTierBoundary' | 'tierSize'>
  /** By market, smallest units in one whole coin. */
  readonly resolution: Readonly<Record<string, bigint>>
}

export type StarkexExchangeRules = AnyExchangeRules & {
  readonly kind: 'starkex'
  readonly terms: CoreTerms
  /** By market. */
  readonly risk: Readonly<Record<string, readonly RiskSegment[]>>
  readonly segmentedBy: StarkexMark['segmentedBy']
  /** By market, smallest units in one whole coin. */
  readonly resolution: Readonly<Record<string, bigint>>
}

export type PushCosts = {
  readonly gasPerTransaction: bigint
  readonly gasPerPrice: bigint
  /** In 1e-18 USD. */
  readonly usdPerGas: bigint
}

/** The collateral has six decimals: its smallest units in a dollar, and what the EVM engine divides price times size by. */
export const dollar = 1_000_000n
export const unit = 10n ** 30n
