import type { Decimal } from '../decimal.ts'
import { type Timestamp, unixSeconds } from '../time.ts'
import type { ClampedChange, FundingTick } from './funding-tick.ts'
import { belowCap, isI64, starkexIndexCap, starkexIndexChange, withinCap } from './index-change.ts'

/** All of a StarkEx exchange that decides about a FUNDING_TICK. */
export type StarkexFunding = {
  /** A tick may not be before it, and becomes it. */
  readonly systemTime: Timestamp
  readonly lastFundingTick: Timestamp
  /** By asset id, scale 2^32; of every asset that was ever ticked. */
  readonly indices: ReadonlyMap<bigint, bigint>
  /** By asset id, scale 2^32; of the assets that an ORACLE_PRICES_TICK named. */
  readonly prices: ReadonlyMap<bigint, bigint>
  /** The ids of its configuration. */
  readonly assets: readonly bigint[]
  /** Per second, scale 2^32. */
  readonly maxFundingRate: bigint
}

type Tick = { readonly at: Timestamp; readonly ticks: readonly FundingTick[] }

/** Its program only asserts, so the names are ours. */
export type StarkexRefusal =
  | 'BEFORE_SYSTEM_TIME'
  | 'NOT_SORTED'
  | 'INDEX_OUT_OF_RANGE'
  | 'ASSET_LEFT_OUT'
  | 'PRICE_UNKNOWN'
  | 'OVER_CAP'
  | 'NOT_CONFIGURED'

export type StarkexVerdict =
  | { readonly kind: 'accepted' }
  | {
      readonly kind: 'refused'
      readonly reason: StarkexRefusal
      readonly assetId: bigint | undefined
    }

/** Whether a batch with this tick could be proven (stark-perpetual funding_tick.cairo and execute_batch.cairo). */
export function judgeStarkexFundingTick(
  exchange: StarkexFunding,
  { at, ticks }: Tick,
): StarkexVerdict {
  // The program knows seconds only.
  if (unixSeconds(at) < unixSeconds(exchange.systemTime)) return refusal('BEFORE_SYSTEM_TIME')
  let previous = -1n
  for (const { assetId, fundingIndex } of ticks) {
    if (assetId <= previous) return refusal('NOT_SORTED', assetId)
    if (!isI64(fundingIndex)) return refusal('INDEX_OUT_OF_RANGE', assetId)
    previous = assetId
  }
  const wrong = refusedChange(exchange, { at, ticks })
  if (wrong !== undefined) return wrong
  const stranger = ticks.find(({ assetId }) => !exchange.assets.includes(assetId))
  if (stranger !== undefined) return refusal('NOT_CONFIGURED', stranger.assetId)
  return { kind: 'accepted' }
}

/** Only assets that had an index before are looked at: what a new one begins with is not checked. */
function refusedChange(exchange: StarkexFunding, { at, ticks }: Tick): StarkexVerdict | undefined {
  const next = new Map(ticks.map(({ assetId, fundingIndex }) => [assetId, fundingIndex]))
  const seconds = secondsUntil(exchange, at)
  for (const [assetId, before] of [...exchange.indices].toSorted(byId)) {
    const index = next.get(assetId)
    if (index === undefined) return refusal('ASSET_LEFT_OUT', assetId)
    const price = exchange.prices.get(assetId)
    if (price === undefined) return refusal('PRICE_UNKNOWN', assetId)
    const cap = starkexIndexCap({ price, maxFundingRate: exchange.maxFundingRate, seconds })
    if (withinCap(index - before, cap) !== index - before) return refusal('OVER_CAP', assetId)
  }
  return undefined
}

export type BuiltStarkexTick = {
  /** One for each asset that had an index, and each that the configuration added since. */
  readonly ticks: readonly FundingTick[]
  readonly clamped: readonly ClampedChange[]
  readonly unrated: readonly bigint[]
  /** No tick is possible before an ORACLE_PRICES_TICK names these. */
  readonly unpriced: readonly bigint[]
}

/** The tick for these rates (each for the time that is paid for, by asset id), within our share of the program's cap. */
export function buildStarkexFundingTick(
  exchange: StarkexFunding,
  rates: ReadonlyMap<bigint, Decimal>,
  at: Timestamp,
): BuiltStarkexTick {
  const seconds = secondsUntil(exchange, at)
  const added = exchange.assets.filter((id) => !exchange.indices.has(id))
  const known = [...exchange.indices].map(([assetId, index]) => {
    const rate = rates.get(assetId)
    const price = exchange.prices.get(assetId) ?? 0n
    const wanted = rate === undefined ? 0n : starkexIndexChange(rate, price)
    const cap = starkexIndexCap({ price, maxFundingRate: exchange.maxFundingRate, seconds })
    const allowed = kept64(index, withinCap(wanted, belowCap(cap)))
    return { assetId, fundingIndex: index + allowed, wanted, allowed }
  })
  const fresh = added.map((assetId) => ({ assetId, fundingIndex: 0n }))
  return {
    ticks: [...known, ...fresh]
      .map(({ assetId, fundingIndex }) => ({ assetId, fundingIndex }))
      .toSorted((one, other) => (one.assetId < other.assetId ? -1 : 1)),
    clamped: known
      .filter(({ wanted, allowed }) => wanted !== allowed)
      .map(({ assetId, wanted, allowed }) => ({ assetId, wanted, allowed })),
    unrated: known.flatMap(({ assetId }) => (rates.has(assetId) ? [] : [assetId])),
    unpriced: known.flatMap(({ assetId }) => (exchange.prices.has(assetId) ? [] : [assetId])),
  }
}

/** An index is a signed 64-bit number; one that would leave that range stays inside. */
function kept64(index: bigint, change: bigint): bigint {
  if (isI64(index + change)) return change
  return change > 0n ? (1n << 63n) - 1n - index : -(1n << 63n) - index
}

function secondsUntil({ lastFundingTick }: StarkexFunding, at: Timestamp): bigint {
  return BigInt(Math.max(0, unixSeconds(at) - unixSeconds(lastFundingTick)))
}

function byId([one]: readonly [bigint, bigint], [other]: readonly [bigint, bigint]): number {
  return one < other ? -1 : 1
}

function refusal(
  reason: StarkexRefusal,
  assetId?: bigint,
): Extract<StarkexVerdict, { kind: 'refused' }> {
  return { kind: 'refused', reason, assetId }
}
