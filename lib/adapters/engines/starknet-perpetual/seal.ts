import { createHash } from 'node:crypto'

import { priceDecimals } from '../../../domain/median.ts'
import { priceToWire } from '../../../domain/price-message.ts'
import type { Report, ReportSignature } from '../../../domain/report.ts'
import { unixSeconds } from '../../../domain/time.ts'
import { feltHex } from '../../starknet-felt.ts'

/** Where a report counts: one asset of one contract on one chain. */
export type SealDomain = {
  readonly chainId: `0x${string}`
  readonly address: `0x${string}`
  readonly assetId: `0x${string}`
}

/** Grows with every change of what is sealed. */
const schema = '1'

/**
 * What a node signs beside the exchange's own message. That one names no chain, contract, feed or round, and a second form of
 * each signature on it is as good as the first; so a seal is on all of that, and on the very signature that it goes with.
 *
 * SHA-256 of a JSON list of texts, its first 251 bits: a hash that the curve's signers take.
 */
export function sealHash(
  report: Report,
  { r, s }: { readonly r: bigint; readonly s: bigint },
  { chainId, address, assetId }: SealDomain,
): bigint {
  const texts = [
    'starkeep report',
    schema,
    feltHex(chainId),
    feltHex(address),
    feltHex(assetId),
    report.feed,
    String(priceDecimals),
    String(report.round),
    String(priceToWire(report.price)),
    String(unixSeconds(report.observedAt)),
    String(unixSeconds(report.oldestInputAt)),
    String(report.sources),
    report.configHash,
    feltHex(r),
    feltHex(s),
  ]
  const digest = createHash('sha256').update(JSON.stringify(texts)).digest('hex')
  return BigInt(`0x${digest}`) >> 5n
}

/** The one form in which a seal is written: of `s` and its mirror image the lower. */
export function sealOf({
  r,
  s,
}: {
  readonly r: bigint
  readonly s: bigint
}): NonNullable<ReportSignature['seal']> {
  return [feltHex(r), feltHex(s > halfOrder ? order - s : s)]
}

/** The numbers of a seal that may come from anybody; undefined where it is not in its one form. */
export function sealNumbers({
  seal,
}: ReportSignature): { readonly r: bigint; readonly s: bigint } | undefined {
  const [r, s, ...more] = seal ?? []
  if (r === undefined || s === undefined || more.length > 0) return undefined
  if (![r, s].every((text) => /^0x[1-9a-f][0-9a-f]{0,63}$/.test(text))) return undefined
  return BigInt(s) > halfOrder ? undefined : { r: BigInt(r), s: BigInt(s) }
}

// https://docs.starkware.co/starkex/crypto/stark-curve.html
const order = 0x800000000000010ffffffffffffffffb781126dcae7b2321e66a241adc64d2fn
const halfOrder = order / 2n
