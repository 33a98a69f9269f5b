import type { PriceUpdate } from '../../../domain/action.ts'
import { PriceRangeError, storedPrice } from '../../../domain/price-message.ts'
import { unixSeconds } from '../../../domain/time.ts'
import type { Call } from '../../../domain/transaction.ts'
import { feltHex } from '../../starknet-felt.ts'
import type { Listing } from './core.ts'
import { UnfitUpdateError } from './errors.ts'
import { signedPrices } from './signed-prices.ts'

/**
 * `price_tick(operator_nonce, asset_id, oracle_price, signed_prices)`: the signed prices ascend by public key as numbers, and the price is
 * their median; between the two middles of an even number the contract takes any, and ours is their average, rounded down.
 */
export function priceTick(tick: {
  readonly engine: string
  readonly core: `0x${string}`
  readonly listing: Listing
  readonly nonce: bigint
  readonly update: PriceUpdate
}): Call {
  const { engine, core, listing, nonce, update } = tick
  const { signed, wire } = signedPrices(engine, update)
  const harm = whyNotStorable(wire, listing.resolutionFactor)
  if (harm !== undefined) throw new UnfitUpdateError(engine, update.market, harm)
  const words = signed.flatMap(({ key, r, s, at, wire: each }) => [
    2n,
    r,
    s,
    key,
    BigInt(unixSeconds(at)),
    each,
  ])
  const calldata = [nonce, BigInt(listing.assetId), wire, BigInt(signed.length), ...words]
  return { kind: 'starknet', to: core, entrypoint: 'price_tick', calldata: calldata.map(feltHex) }
}

/** Why the contract would refuse the price, or worse: it stores 0 without a word where the price rounds down to it. */
export function whyNotStorable(wire: bigint, resolutionFactor: bigint): string | undefined {
  try {
    return storedPrice(wire, resolutionFactor) === 0n ? 'it would be stored as 0' : undefined
  } catch (error) {
    if (error instanceof PriceRangeError) return error.message
    throw error
  }
}
