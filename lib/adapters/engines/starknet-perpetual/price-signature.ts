import { pedersen, Signature, verify } from '@scure/starknet'

import {
  InexactPriceError,
  priceMessage,
  type PriceNames,
  PriceRangeError,
  priceToWire,
} from '../../../domain/price-message.ts'
import type { Report, ReportSignature } from '../../../domain/report.ts'

/** What an oracle signs of a report, under the names it was registered with. */
export function priceHash(names: PriceNames, { price, observedAt }: Report): bigint {
  const { first, second } = priceMessage(names, priceToWire(price), observedAt)
  return BigInt(pedersen(first, second))
}

/** The same of a stranger's report; undefined where no oracle could sign it. */
export function strangersHash(names: PriceNames, report: Report): bigint | undefined {
  try {
    return priceHash(names, report)
  } catch (error) {
    if (error instanceof InexactPriceError || error instanceof PriceRangeError) return undefined
    throw error
  }
}

// https://docs.starkware.co/starkex/crypto/stark-curve.html
const order = 0x800000000000010ffffffffffffffffb781126dcae7b2321e66a241adc64d2fn

/** Verifiers of the curve take hashes and `r` below this only. */
const limit = 2n ** 251n

/** Whether the signature is the key's on exactly this hash. The key is an x coordinate: either of its two points may have signed. */
export function isSignatureOf(key: bigint, hash: bigint, words: readonly bigint[]): boolean {
  const [r, s, ...more] = words
  if (r === undefined || s === undefined || more.length > 0) return false
  if (r <= 0n || r >= limit || s <= 0n || s >= order || hash <= 0n || hash >= limit) return false
  const x = key.toString(16).padStart(64, '0')
  return ['02', '03'].some((parity) => verifies({ r, s }, hash, `${parity}${x}`))
}

function verifies(
  { r, s }: { readonly r: bigint; readonly s: bigint },
  hash: bigint,
  point: string,
): boolean {
  try {
    return verify(new Signature(r, s), hash.toString(16), point)
  } catch {
    // No point of the curve has that x: nobody can have signed with it.
    return false
  }
}

/** The words of a signature that may come from anybody; undefined where they are no felts. */
export function signatureWords({
  signer,
  signature,
}: ReportSignature): { readonly key: bigint; readonly words: readonly bigint[] } | undefined {
  if (![signer, ...signature].every((text) => /^0x[0-9a-f]{1,64}$/.test(text))) return undefined
  return { key: BigInt(signer), words: signature.map((word) => BigInt(word)) }
}
