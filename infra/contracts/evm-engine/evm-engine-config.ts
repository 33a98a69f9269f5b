/** A market's rules as the contract takes them (Markets.sol `MarketRules`). */
export type EvmMarketRules = {
  readonly status: 'active' | 'reduce-only'
  readonly quorum: number
  readonly initialMarginBps: number
  readonly maintenanceMarginBps: number
  readonly penaltyBps: number
  readonly maxPriceAgeSeconds: number
  /** A fraction of notional per epoch at 18 decimals. */
  readonly maxFundingRate: bigint
}

/** The rules of the whole engine (Markets.sol `EngineRules`). */
export type EvmEngineRules = {
  readonly maxReportAgeSeconds: number
  readonly liquidationGraceSeconds: number
  readonly liquidatorShareBps: number
  readonly closeFactorBps: number
  readonly tradeFeeBps: number
  /** In the collateral's smallest units. */
  readonly smallPosition: bigint
}

/** What a new engine begins with. */
export type EvmEngineConfig = {
  /** May stop things; none unless given. */
  readonly guardian?: `0x${string}`
  readonly operators: readonly `0x${string}`[]
  readonly signers: readonly `0x${string}`[]
  /** By symbol. */
  readonly markets: Readonly<Record<string, EvmMarketRules>>
  readonly rules: EvmEngineRules
  readonly epochSeconds: number
  /** The collateral token; a new TestDollar unless given. */
  readonly collateral?: `0x${string}`
  /** Seconds that every later change of rules and roles waits; none unless given. */
  readonly delaySeconds?: number
}

/** Rules in the middle of what large exchanges have: 20 times leverage, 2.5 % maintenance, 1 % penalty, hourly funding of at most 1 %. */
export const usualMarketRules: EvmMarketRules = {
  status: 'active',
  quorum: 3,
  initialMarginBps: 500,
  maintenanceMarginBps: 250,
  penaltyBps: 100,
  maxPriceAgeSeconds: 120,
  maxFundingRate: 10n ** 16n,
}

export const usualEngineRules: EvmEngineRules = {
  maxReportAgeSeconds: 60,
  liquidationGraceSeconds: 300,
  liquidatorShareBps: 5_000,
  closeFactorBps: 5_000,
  tradeFeeBps: 5,
  smallPosition: 100_000_000n,
}
