import { recoverAddress } from 'viem/utils'

import { priceToWire } from '../../../domain/price-message.ts'
import type { Report, ReportSignature } from '../../../domain/report.ts'
import type { EvmKey } from '../../../ports.ts'
import { type PerpMarkDomain, reportDigest } from './report-digest.ts'

export async function signReport(
  report: Report,
  key: EvmKey,
  at: PerpMarkDomain,
): Promise<ReportSignature> {
  const signature = await key.sign(reportDigest(report, at))
  return { signer: lowerCase(key.address), signature: [signature] }
}

/** Whether it is the named signer's, in the one form that the contract takes, on something that the contract takes. */
export async function isSignedBy(
  report: Report,
  { signer, signature }: ReportSignature,
  at: PerpMarkDomain,
): Promise<boolean> {
  const [bytes] = signature
  if (bytes === undefined || signature.length > 1 || !hasOneForm(bytes)) return false
  try {
    if (priceToWire(report.price) >= mostPrice) return false
    const hash = reportDigest(report, at)
    return lowerCase(await recoverAddress({ hash, signature: bytes })) === lowerCase(signer)
  } catch {
    // A field that does not fit its type, or bytes that are no point of the curve: nobody can have signed it.
    return false
  }
}

/** The contract keeps prices in 112 bits. */
const mostPrice = 2n ** 112n

// SEC 2, section 2.4.1, halved: with a greater s the same signature has a second form (EIP-2).
const halfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n

/** `r`, `s` and `v` of 65 bytes; undefined where they are not 65 bytes, with low s and v 27 or 28. */
export function signatureParts(
  bytes: `0x${string}`,
): { readonly r: `0x${string}`; readonly s: `0x${string}`; readonly v: 27 | 28 } | undefined {
  if (!/^0x[0-9a-fA-F]{128}(?:1b|1c|1B|1C)$/.test(bytes)) return undefined
  const s = `0x${bytes.slice(66, 130)}` as const
  if (BigInt(s) > halfOrder) return undefined
  return { r: `0x${bytes.slice(2, 66)}`, s, v: bytes.toLowerCase().endsWith('1b') ? 27 : 28 }
}

function hasOneForm(bytes: `0x${string}`): boolean {
  return signatureParts(bytes) !== undefined
}

export function lowerCase(address: `0x${string}`): `0x${string}` {
  return `0x${address.slice(2).toLowerCase()}`
}
