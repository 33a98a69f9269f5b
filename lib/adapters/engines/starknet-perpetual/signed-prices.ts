import type { PriceUpdate } from '../../../domain/action.ts'
import { medianWire, priceToWire } from '../../../domain/price-message.ts'
import type { SignedReport } from '../../../domain/report.ts'
import type { Timestamp } from '../../../domain/time.ts'
import { feltHex } from '../../starknet-felt.ts'
import { UnfitUpdateError } from './errors.ts'
import { signatureNumbers } from './price-signature.ts'

/** One oracle's signed price, in numbers. */
export type SignedPrice = {
  readonly key: bigint
  readonly r: bigint
  readonly s: bigint
  readonly at: Timestamp
  /** USD at 18 decimals. */
  readonly wire: bigint
}

/** The signed prices of an update, ascending by public key as numbers, and their median, which must be the update's price. */
export function signedPrices(
  engine: string,
  { market, price, reports }: PriceUpdate,
): { readonly signed: readonly SignedPrice[]; readonly wire: bigint } {
  const unfit = (why: string) => new UnfitUpdateError(engine, market, why)
  const signed = reports
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
  return { signed, wire }
}

function signedPrice(report: SignedReport, engine: string): SignedPrice | undefined {
  const signature = report.signatures[engine]
  const read = signature && signatureNumbers(signature)
  return read && { ...read, at: report.observedAt, wire: priceToWire(report.price) }
}
