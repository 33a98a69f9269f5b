import type { PriceUpdate } from '../../../domain/action.ts'
import {
  medianWire,
  PriceRangeError,
  priceToWire,
  storedPrice,
} from '../../../domain/price-message.ts'
import type { SignedReport } from '../../../domain/report.ts'
import { unixSeconds } from '../../../domain/time.ts'
import type { Call } from '../../../domain/transaction.ts'
import { feltHex } from '../../starknet-felt.ts'
import type { Listing } from './core.ts'
import { UnfitUpdateError } from './errors.ts'
import { signatureNumbers } from './price-signature.ts'

type SignedPrice = {
  readonly key: bigint
  readonly signature: readonly bigint[]
  readonly seconds: bigint
  readonly wire: bigint
}

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
  const { market, price } = update
  const unfit = (why: string) => new UnfitUpdateError(engine, market, why)
  const signed = update.reports
    .map((report) => signedPrice(report, engine) ?? report.node)
    .map((one) => {
      if (typeof one === 'string') throw unfit(`the report of ${one} has no signature for it`)
      return one
    })
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  const twice = signed.find(({ key }, at) => signed[at + 1]?.key === key)
  if (twice) throw unfit(`two reports are by ${feltHex(twice.key)}`)
  if (signed.length === 0) throw unfit('it has no reports')
  const wire = medianWire(signed.map((one) => one.wire))
  if (wire !== priceToWire(price)) throw unfit(`${price.toString()} is not the reports' median`)
  const harm = whyNotStorable(wire, listing.resolutionFactor)
  if (harm !== undefined) throw unfit(harm)
  const words = signed.flatMap(({ signature, key, seconds, wire: each }) => [
    BigInt(signature.length),
    ...signature,
    key,
    seconds,
    each,
  ])
  const calldata = [nonce, BigInt(listing.assetId), wire, BigInt(signed.length), ...words]
  return { kind: 'starknet', to: core, entrypoint: 'price_tick', calldata: calldata.map(feltHex) }
}

function signedPrice(report: SignedReport, engine: string): SignedPrice | undefined {
  const signature = report.signatures[engine]
  const read = signature && signatureNumbers(signature)
  return (
    read && {
      key: read.key,
      signature: [read.r, read.s],
      seconds: BigInt(unixSeconds(report.observedAt)),
      wire: priceToWire(report.price),
    }
  )
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
