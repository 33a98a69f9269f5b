import type { SettleFunding } from '../../../domain/action.ts'
import type { FundingLook } from '../../../domain/funding/funding-look.ts'
import { priceToWire, starkexPrice } from '../../../domain/price-message.ts'
import { writeStarkexTransaction } from '../../../domain/starkex/write-transaction.ts'
import { timestamp, type Timestamp } from '../../../domain/time.ts'
import type { Block, Call } from '../../../domain/transaction.ts'
import { UnfitUpdateError } from '../starknet-perpetual/errors.ts'
import type { StarkexExchange, StarkexTold } from './exchange.ts'

/** What decides a FUNDING_TICK, by what the exchange was told. */
export function starkexFundingLook(
  { listings, collateral, maxFundingRate }: StarkexExchange,
  { prices, funding, time }: StarkexTold,
  block: Block,
): FundingLook {
  const listed = [...listings.values()]
  const settled = listed.flatMap(({ market, assetId }) => {
    const one = funding[market]
    return one ? [{ assetId: BigInt(assetId), ...one }] : []
  })
  const priced = listed.flatMap(({ market, assetId, resolutionFactor: asset }) => {
    const one = prices[market]
    const resolution = { asset, collateral }
    return one ? [[BigInt(assetId), starkexPrice(priceToWire(one.price), resolution)] as const] : []
  })
  return {
    kind: 'starkex',
    block,
    assets: Object.fromEntries(listed.map(({ market, assetId }) => [market, BigInt(assetId)])),
    unlisted: Object.keys(funding).filter((market) => !listings.has(market)),
    exchange: {
      systemTime: time ?? timestamp(0),
      lastFundingTick: timestamp(Math.max(0, ...settled.map(({ at }) => at))),
      indices: new Map(settled.map(({ assetId, index }) => [assetId, index])),
      prices: new Map(priced),
      assets: listed.map(({ assetId }) => BigInt(assetId)),
      maxFundingRate,
    },
  }
}

/** One epoch's indexes in one tick, at this moment or at the exchange's time that was known where that is later. */
export function fundingTickOf(
  { engine, listings }: StarkexExchange,
  { updates, at }: SettleFunding,
  now: Timestamp,
): Call {
  const ticks = updates.map(({ market, after }) => {
    const listing = listings.get(market)
    if (!listing) throw new UnfitUpdateError(engine, market, 'it is not listed there')
    return { assetId: BigInt(listing.assetId), fundingIndex: after }
  })
  const time = timestamp(Math.max(now, at))
  return {
    kind: 'starkex',
    transaction: writeStarkexTransaction({ type: 'FUNDING_TICK', at: time, ticks }),
  }
}
