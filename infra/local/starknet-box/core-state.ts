import type { Hex } from './felt.ts'

/** The core's storage as plain data that is never changed in place: each block keeps its own. */
export type CoreState = {
  /** Holds every role but OPERATOR. */
  readonly governor: bigint
  readonly operators: readonly bigint[]
  readonly paused: boolean
  readonly operatorNonce: bigint
  /** By asset id, in the order of their registration. */
  readonly assets: Readonly<Record<Hex, CoreAsset>>
  readonly activeCount: number
  /** Block times, seconds. */
  readonly lastFundingTick: bigint
  readonly lastPriceValidation: bigint
  readonly limits: CoreLimits
}

export type CoreLimits = {
  readonly maxPriceInterval: bigint
  readonly maxOraclePriceValidity: bigint
  readonly maxFundingInterval: bigint
  /** Per second, scale 2^32. */
  readonly maxFundingRate: bigint
}

export type CoreAsset = {
  readonly id: bigint
  readonly status: 'PENDING' | 'ACTIVE' | 'INACTIVE'
  readonly quorum: number
  readonly resolutionFactor: bigint
  readonly riskFactorTiers: readonly number[]
  readonly firstTierBoundary: bigint
  readonly tierSize: bigint
  /** By public key. */
  readonly oracles: Readonly<Record<Hex, OracleNames>>
  /** 1e-6 USD per smallest unit, scale 2^28. */
  readonly price: bigint
  readonly lastPriceUpdate: bigint
  /** Scale 2^32, signed. */
  readonly fundingIndex: bigint
}

export type OracleNames = { readonly assetName: bigint; readonly oracleName: bigint }

/** Who calls, and the time of the block that the call runs in, seconds. */
export type CoreCall = { readonly caller: bigint; readonly now: bigint }

export type CoreEvent = { readonly keys: readonly bigint[]; readonly data: readonly bigint[] }

/** What a call that did not panic leaves. */
export type CoreEffect = { readonly core: CoreState; readonly events: readonly CoreEvent[] }
