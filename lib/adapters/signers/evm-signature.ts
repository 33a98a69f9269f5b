import { recoverAddress } from 'viem/utils'

import { UnsignableHashError, WrongSignatureError } from './errors.ts'

// SEC 2, section 2.4.1.
export const secp256k1Order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

export function assertHash(hash: string): void {
  if (!/^0x[0-9a-fA-F]{64}$/.test(hash)) throw new UnsignableHashError('a hash of 32 bytes in hex')
}

/**
 * The 65 bytes of a signature whose key is known: `s` in the lower half, which contracts demand since the other half is
 * the same signature again (EIP-2), and the `v` with which the key's own address comes out.
 */
export async function toBytes65(
  { r, s }: { readonly r: bigint; readonly s: bigint },
  { hash, address }: { readonly hash: `0x${string}`; readonly address: `0x${string}` },
): Promise<`0x${string}`> {
  if (r <= 0n || r >= secp256k1Order || s <= 0n || s >= secp256k1Order)
    throw new WrongSignatureError(address, 'r or s is out of range')
  const low = s > secp256k1Order / 2n ? secp256k1Order - s : s
  for (const v of ['1b', '1c']) {
    const signature = `0x${word(r)}${word(low)}${v}` as const
    if (await recovers(signature, hash, address)) return signature
  }
  throw new WrongSignatureError(address, 'another address comes out of it')
}

async function recovers(
  signature: `0x${string}`,
  hash: `0x${string}`,
  address: `0x${string}`,
): Promise<boolean> {
  try {
    return (await recoverAddress({ hash, signature })) === address
  } catch {
    // No point of the curve has this x and parity, so no key can have signed it.
    return false
  }
}

function word(value: bigint): string {
  return value.toString(16).padStart(64, '0')
}
