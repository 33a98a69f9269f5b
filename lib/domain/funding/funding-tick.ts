import type { Decimal } from '../decimal.ts'
import { type Timestamp, unixSeconds } from '../time.ts'
import {
  belowCap,
  isI64,
  starknetIndexCap,
  starknetIndexChange,
  withinCap,
} from './index-change.ts'

/** One asset as starknet-perpetual's Core has it. */
export type CoreAsset = {
  readonly id: bigint
  readonly kind: 'synthetic' | 'spot' | 'vault-share'
  readonly status: 'pending' | 'active' | 'inactive'
  /** Scale 2^28. */
  readonly price: bigint
  readonly pricedAt: Timestamp
  /** Scale 2^32. */
  readonly fundingIndex: bigint
}

/** All of Core that decides about a funding tick. */
export type CoreFunding = {
  /** Its texts for an unknown asset differ, and only D looks at an asset's kind. */
  readonly generation: 'A' | 'B' | 'C' | 'D'
  readonly paused: boolean
  readonly operatorNonce: bigint
  /** Whether the account that sends is an operator. */
  readonly isOperator: boolean
  readonly assets: readonly CoreAsset[]
  readonly lastFundingTick: Timestamp
  readonly lastPriceValidation: Timestamp
  readonly maxPriceIntervalSeconds: number
  /** Per second, scale 2^32. */
  readonly maxFundingRate: bigint
}

export type FundingTick = { readonly assetId: bigint; readonly fundingIndex: bigint }

export type FundingTickCall = {
  readonly operatorNonce: bigint
  readonly ticks: readonly FundingTick[]
  /** Unix seconds. The contract looks at its range only and reckons with the block's time. */
  readonly timestamp: bigint
}

/** The contract's own names; `UNREADABLE`: the calldata does not even fit the arguments' types. */
export type FundingTickRefusal =
  | 'UNREADABLE'
  | 'PAUSED'
  | 'ONLY_OPERATOR'
  | 'INVALID_NONCE'
  | 'INVALID_TIMESTAMP'
  | 'INVALID_FUNDING_TICK_LEN'
  | 'SYNTHETIC_EXPIRED_PRICE'
  | 'FUNDING_TICKS_NOT_SORTED'
  | 'ASSET_NOT_EXISTS'
  | 'NOT_SYNTHETIC'
  | 'SYNTHETIC_NOT_ACTIVE'
  | 'INDEX_OVERFLOW'
  | 'INVALID_FUNDING_RATE'

export type FundingTickVerdict =
  | {
      readonly kind: 'accepted'
      readonly lastFundingTick: Timestamp
      readonly lastPriceValidation: Timestamp
    }
  | {
      readonly kind: 'refused'
      readonly reason: FundingTickRefusal
      /** What the contract panics with. */
      readonly panic: string
      /** The asset it is about, where it is about one. */
      readonly assetId: bigint | undefined
    }

/** What `funding_tick` would answer in a block of that time: the contract's checks in the contract's order (assets.cairo). */
export function judgeFundingTick(
  core: CoreFunding,
  call: FundingTickCall,
  blockTime: Timestamp,
): FundingTickVerdict {
  const refused = refusedBefore(core, call) ?? refusedPrices(core, blockTime)
  if (refused !== undefined) return refused
  const seconds = BigInt(unixSeconds(blockTime) - unixSeconds(core.lastFundingTick))
  let previous = 0n
  for (const tick of call.ticks) {
    if (tick.assetId <= previous)
      return refusal('FUNDING_TICKS_NOT_SORTED', 'FUNDING_TICKS_NOT_SORTED', tick.assetId)
    const wrong = refusedTick(core, tick, seconds)
    if (wrong !== undefined) return wrong
    previous = tick.assetId
  }
  return {
    kind: 'accepted',
    lastFundingTick: blockTime,
    lastPriceValidation: arePricesDue(core, blockTime) ? blockTime : core.lastPriceValidation,
  }
}

type Refused = Extract<FundingTickVerdict, { kind: 'refused' }>

function refusedBefore(core: CoreFunding, call: FundingTickCall): Refused | undefined {
  const unreadable = unreadableArgument(call)
  if (unreadable !== undefined)
    return refusal('UNREADABLE', `Failed to deserialize param #${unreadable}`)
  if (core.paused) return refusal('PAUSED')
  if (!core.isOperator) return refusal('ONLY_OPERATOR')
  if (call.operatorNonce !== core.operatorNonce) {
    const numbers = `${core.operatorNonce}!=${call.operatorNonce}`
    return refusal('INVALID_NONCE', `INVALID_NONCE: current!=received ${numbers}`)
  }
  if (call.timestamp >= 1n << 56n) return refusal('INVALID_TIMESTAMP')
  if (call.ticks.length !== tickedAssets(core).length) return refusal('INVALID_FUNDING_TICK_LEN')
  return undefined
}

function unreadableArgument({ operatorNonce, ticks, timestamp }: FundingTickCall) {
  if (!isU64(operatorNonce)) return 1
  if (!ticks.every(({ fundingIndex }) => isI64(fundingIndex))) return 2
  return isU64(timestamp) ? undefined : 3
}

/** Every active asset, of whatever kind, must have a fresh price; the contract looks only once per interval. */
function refusedPrices(core: CoreFunding, blockTime: Timestamp): Refused | undefined {
  if (!arePricesDue(core, blockTime)) return undefined
  const expired = core.assets.find(
    ({ status, pricedAt }) =>
      status === 'active' && secondsFrom(pricedAt, blockTime) > core.maxPriceIntervalSeconds,
  )
  if (expired === undefined) return undefined
  return refusal('SYNTHETIC_EXPIRED_PRICE', 'SYNTHETIC_EXPIRED_PRICE', expired.id)
}

function arePricesDue(core: CoreFunding, blockTime: Timestamp): boolean {
  return secondsFrom(core.lastPriceValidation, blockTime) > core.maxPriceIntervalSeconds
}

function refusedTick(
  core: CoreFunding,
  { assetId, fundingIndex }: FundingTick,
  seconds: bigint,
): Refused | undefined {
  const asset = core.assets.find(({ id }) => id === assetId)
  if (asset === undefined) {
    const panic = core.generation === 'D' ? 'ASSET_NOT_EXISTS' : 'SYNTHETIC_NOT_EXISTS'
    return refusal('ASSET_NOT_EXISTS', panic, assetId)
  }
  if (core.generation === 'D' && asset.kind !== 'synthetic')
    return refusal('NOT_SYNTHETIC', 'NOT_SYNTHETIC', assetId)
  if (asset.status !== 'active')
    return refusal('SYNTHETIC_NOT_ACTIVE', 'SYNTHETIC_NOT_ACTIVE', assetId)
  const change = fundingIndex - asset.fundingIndex
  const overflow = overflowOf(change)
  if (overflow !== undefined) return refusal('INDEX_OVERFLOW', overflow, assetId)
  const { price } = asset
  const cap = starknetIndexCap({ price, maxFundingRate: core.maxFundingRate, seconds })
  if (withinCap(change, cap) === change) return undefined
  const panic = `INVALID_FUNDING_RATE synthetic_id: AssetId { value: ${assetId} }`
  return refusal('INVALID_FUNDING_RATE', panic, assetId)
}

/** The contract subtracts with checked i64, and the smallest i64 has no absolute value. */
function overflowOf(change: bigint): string | undefined {
  if (change >= 1n << 63n) return 'i64_sub Overflow'
  if (change < -(1n << 63n)) return 'i64_sub Underflow'
  return change === -(1n << 63n) ? 'i64_neg Underflow' : undefined
}

export type BuiltFundingTick = {
  /** One for each active synthetic, ascending. */
  readonly ticks: readonly FundingTick[]
  /** Those whose change is not what the rate says, because the contract would not take it. */
  readonly clamped: readonly ClampedChange[]
  /** Active assets for which there is no rate: their index stays. */
  readonly unrated: readonly bigint[]
}

/** Changes of the index at scale 2^32. */
export type ClampedChange = {
  readonly assetId: bigint
  readonly wanted: bigint
  readonly allowed: bigint
}

/**
 * The ticks for these rates (each for the time that is paid for, by asset id), each within our share of the contract's cap in
 * a block of that time. A later block allows more, so the newest block's time is the careful one.
 */
export function buildFundingTick(
  core: CoreFunding,
  rates: ReadonlyMap<bigint, Decimal>,
  blockTime: Timestamp,
): BuiltFundingTick {
  const seconds = BigInt(Math.max(0, secondsFrom(core.lastFundingTick, blockTime)))
  const assets = tickedAssets(core).toSorted((one, other) => (one.id < other.id ? -1 : 1))
  const changes = assets.map(({ id, price, fundingIndex }) => {
    const rate = rates.get(id)
    const wanted = rate === undefined ? 0n : starknetIndexChange(rate, price)
    const cap = starknetIndexCap({ price, maxFundingRate: core.maxFundingRate, seconds })
    const allowed = storable(fundingIndex, withinCap(wanted, belowCap(cap)))
    return { assetId: id, fundingIndex: fundingIndex + allowed, wanted, allowed }
  })
  return {
    ticks: changes.map(({ assetId, fundingIndex }) => ({ assetId, fundingIndex })),
    clamped: changes
      .filter(({ wanted, allowed }) => wanted !== allowed)
      .map(({ assetId, wanted, allowed }) => ({ assetId, wanted, allowed })),
    unrated: assets.flatMap(({ id }) => (rates.has(id) ? [] : [id])),
  }
}

/** The change that the contract can subtract in i64 and that leaves the index one. */
function storable(index: bigint, change: bigint): bigint {
  const most = (1n << 63n) - 1n
  const next = index + withinCap(change, most)
  if (next > most) return most - index
  return next < -most - 1n ? -most - 1n - index : next - index
}

/** Exactly these belong in a tick. */
function tickedAssets({ assets }: CoreFunding): readonly CoreAsset[] {
  return assets.filter(({ kind, status }) => kind === 'synthetic' && status === 'active')
}

function secondsFrom(earlier: Timestamp, later: Timestamp): number {
  return unixSeconds(later) - unixSeconds(earlier)
}

function isU64(value: bigint): boolean {
  return value >= 0n && value < 1n << 64n
}

function refusal(reason: FundingTickRefusal, panic: string = reason, assetId?: bigint): Refused {
  return { kind: 'refused', reason, panic, assetId }
}
