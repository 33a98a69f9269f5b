import type { PriceUpdate, PushPrices } from '../../../domain/action.ts'
import { oraclePricesTick, type TickPrice } from '../../../domain/oracle-prices-tick.ts'
import { PriceRangeError, starkexPrice } from '../../../domain/price-message.ts'
import type { Timestamp } from '../../../domain/time.ts'
import type { Call } from '../../../domain/transaction.ts'
import { feltHex } from '../../starknet-felt.ts'
import { UnfitUpdateError } from '../starknet-perpetual/errors.ts'
import { signedPrices } from '../starknet-perpetual/signed-prices.ts'
import type { StarkexExchange } from './exchange.ts'

/** All prices in one tick, with whatever would make the exchange refuse it said before. */
export function tickOf(exchange: StarkexExchange, { updates }: PushPrices, now: Timestamp): Call {
  const prices = updates.map((update) => tickPrice(exchange, update))
  return { kind: 'starkex', transaction: oraclePricesTick(prices, now) }
}

function tickPrice(exchange: StarkexExchange, update: PriceUpdate): TickPrice {
  const { engine, listings, signers, quorum } = exchange
  const unfit = (why: string) => new UnfitUpdateError(engine, update.market, why)
  const listing = listings.get(update.market)
  if (!listing) throw unfit('it is not listed there')
  const { signed, wire } = signedPrices(engine, update)
  if (signed.length < quorum) throw unfit(`it has ${signed.length} of ${quorum} reports`)
  const harm = whyNotStorable(exchange.collateral)(wire, listing.resolutionFactor)
  if (harm !== undefined) throw unfit(harm)
  return {
    assetId: BigInt(listing.assetId),
    price: starkexPrice(wire, resolutionOf(listing.resolutionFactor, exchange.collateral)),
    signed: signed.map((one) => {
      const name = signers.get(one.key)
      if (name === undefined) throw unfit(`${feltHex(one.key)} may not sign its prices`)
      return { ...one, externalAssetId: (listing.assetName << 40n) | name }
    }),
  }
}

/** Why the exchange could not store a price; its collateral is the same for all assets. */
export function whyNotStorable(collateral: bigint) {
  return (wire: bigint, resolutionFactor: bigint): string | undefined => {
    try {
      starkexPrice(wire, resolutionOf(resolutionFactor, collateral))
      return undefined
    } catch (error) {
      if (error instanceof PriceRangeError) return error.message
      throw error
    }
  }
}

function resolutionOf(asset: bigint, collateral: bigint) {
  return { asset, collateral }
}
