import type { CarriedState } from './carried-state.ts'
import type { GatewayConfig } from './gateway-config.ts'
import type { FundingTick } from './gateway-transaction.ts'
import { inRange } from './in-range.ts'
import { Refusal, refuseUnless } from './refusal.ts'
import { tickTime } from './tick-time.ts'

/**
 * What StarkEx asks of a funding tick (stark-perpetual funding_tick.cairo): that its time goes on, that every asset with an
 * index has one in it and a price, that no index moves faster than the configuration allows, and that it knows each asset.
 * Throws a `Refusal` where it is not so.
 */
export function checkFundingTick(
  config: GatewayConfig,
  { global_funding_indices: told }: FundingTick,
  { state, now }: { readonly state: CarriedState; readonly now: bigint },
): void {
  const time = tickTime(config, told.timestamp, { systemTime: state.systemTime, now })
  refuseUnless(
    time > state.fundingTime,
    'INVALID_FUNDING_TICK_TIMESTAMP',
    `${time} is not after the last funding tick, at ${state.fundingTime}`,
  )
  const next = indicesOf(config, told.indices)
  const allowed = BigInt(config.maxFundingRate) * (time - state.fundingTime)
  for (const [asset, before] of state.indices) {
    const index = next.get(asset)
    const name = `0x${asset.toString(16)}`
    if (index === undefined)
      throw new Refusal('MISSING_GLOBAL_FUNDING_INDEX', `there is none of ${name}`)
    const price = state.prices.get(asset)
    if (price === undefined) throw new Refusal('MISSING_ORACLE_PRICE', `${name} has no price`)
    const change = index > before ? index - before : before - index
    refuseUnless(
      change * 2n ** 32n <= allowed * price,
      'INVALID_FUNDING_TICK_RATE',
      `the index of ${name} changes by ${change}`,
    )
  }
}

function indicesOf(
  { assets }: GatewayConfig,
  indices: FundingTick['global_funding_indices']['indices'],
): ReadonlyMap<bigint, bigint> {
  const known = new Set(assets.map(({ assetId }) => BigInt(assetId)))
  const read = Object.entries(indices).map(([text, index]) => {
    const asset = inRange('ASSET_ID', text, 2n ** 120n)
    refuseUnless(known.has(asset), 'MISSING_SYNTHETIC_ASSET_ID', `there is no asset ${text}`)
    return [asset, inRange('FUNDING_INDEX', index, 2n ** 63n, -(2n ** 63n))] as const
  })
  const map = new Map(read)
  refuseUnless(map.size === read.length, 'SCHEMA_VALIDATION_ERROR', 'an asset is there twice')
  return map
}
