import type { Account } from '../../../lib/domain/margin/account.ts'
import type { CoreMark } from '../../../lib/domain/margin/starknet-margin.ts'
import type { Hex } from './felt.ts'

/** The core's storage as plain data that is never changed in place: each block keeps its own. */
export type CoreState = {
  /** Which of the contract's ABIs and rules it has. */
  readonly generation: 'C' | 'D'
  /** As a short string: signatures of orders name it. */
  readonly chainId: bigint
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
  /** By number, as text. */
  readonly positions: Readonly<Record<string, CorePosition>>
  /** How much of each signed order was settled, by its hash. */
  readonly fulfilled: Readonly<Record<Hex, bigint>>
  readonly deposits: Readonly<Record<Hex, CoreDeposit>>
  /** Withdrawals and transfers that owners asked for, by hash. */
  readonly requests: Readonly<Record<Hex, 'PENDING' | 'PROCESSED'>>
  readonly custody: CoreCustody
  readonly interest: CoreInterest
}

/** An account with its owner. Holdings are named by their asset's id in hex. */
export type CorePosition = Account & {
  readonly ownerPublicKey: bigint
  /** An account of the chain, 0 for none. */
  readonly ownerAccount: bigint
  /** Exchange time up to which it has paid or received interest, 0 where none was ever asked (generation D). */
  readonly lastInterest: bigint
}

export type CoreDeposit =
  | { readonly kind: 'PENDING'; readonly since: bigint }
  | { readonly kind: 'PROCESSED' }
  | { readonly kind: 'CANCELED' }

/** The tokens behind positions. */
export type CoreCustody = {
  /** The base collateral's contract, and how many of its smallest units one unit in a position is. */
  readonly token: bigint
  readonly quantum: bigint
  /** Where processed deposits are; 0 until it is set. */
  readonly treasury: bigint
  /** By token. */
  readonly held: Readonly<Record<Hex, HeldToken>>
}

/** In the token's smallest units. */
export type HeldToken = {
  readonly pending: bigint
  readonly treasury: bigint
  /** What pending deposits and the treasury may hold together; undefined where there is no limit. */
  readonly maxDeposit: bigint | undefined
  /** The day that withdrawals are counted in (generation D). */
  readonly day:
    | { readonly since: bigint; readonly balance: bigint; readonly withdrawn: bigint }
    | undefined
}

/** Generation D. Times in seconds. */
export type CoreInterest = {
  readonly exchangeTime: bigint
  /** Block time of its last update. */
  readonly updatedAt: bigint
  /** Scale 2^32. */
  readonly maxRatePerSecond: bigint
  /** All interest ever paid, signed. */
  readonly divergence: bigint
}

export type CoreLimits = {
  readonly maxPriceInterval: bigint
  readonly maxOraclePriceValidity: bigint
  readonly maxFundingInterval: bigint
  /** Per second, scale 2^32. */
  readonly maxFundingRate: bigint
  /** Seconds that a depositor waits before taking a deposit back. */
  readonly cancelDelay: bigint
}

export type CoreAsset = {
  readonly id: bigint
  readonly kind: CoreMark['kind']
  /** Of assets that are tokens: the contract, and how many of its smallest units one unit in a position is. */
  readonly token?: { readonly address: bigint; readonly quantum: bigint }
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
export type CoreEffect = {
  readonly core: CoreState
  readonly events: readonly CoreEvent[]
  /** Tokens that change hands with it. */
  readonly payments?: readonly TokenPayment[]
}

/** `from` and `to` are addresses, or the core itself. What comes from somebody else must have been allowed to it. */
export type TokenPayment = {
  readonly token: bigint
  readonly from: bigint | 'core'
  readonly to: bigint | 'core'
  readonly amount: bigint
}
