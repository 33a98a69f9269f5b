import {
  InexactPriceError,
  type PriceMessage,
  priceMessage,
  type PriceNames,
  PriceRangeError,
  priceToWire,
} from '../../../domain/price-message.ts'
import type { Report, ReportSignature } from '../../../domain/report.ts'

/** What an oracle signs the hash of, under the names it was registered with. */
export function messageOf(names: PriceNames, { price, observedAt }: Report): PriceMessage {
  return priceMessage(names, priceToWire(price), observedAt)
}

/** The same of a stranger's report; undefined where no oracle could sign it. */
export function strangersMessage(names: PriceNames, report: Report): PriceMessage | undefined {
  try {
    return messageOf(names, report)
  } catch (error) {
    if (error instanceof InexactPriceError || error instanceof PriceRangeError) return undefined
    throw error
  }
}

/** The numbers of a signature that may come from anybody; undefined where they are not a key and two words. */
export function signatureNumbers({
  signer,
  signature,
}: ReportSignature): { readonly key: bigint; readonly r: bigint; readonly s: bigint } | undefined {
  const [r, s, ...more] = signature
  if (r === undefined || s === undefined || more.length > 0) return undefined
  if (![signer, r, s].every((text) => /^0x[1-9a-f][0-9a-f]{0,63}$/.test(text))) return undefined
  return { key: BigInt(signer), r: BigInt(r), s: BigInt(s) }
}
