import { getPublicKey, pedersen, Point, sign, Signature, verify } from '@scure/starknet'

import type { StarkClaim } from '../../../ports.ts'
import type { AffinePoint } from './curve.ts'
import type { StarkMath } from './stark-math.ts'

/** By @scure/starknet: anywhere, at some 5 ms for each signature with its hash. */
export const scureMath: StarkMath = {
  pedersen: (pairs) => pairs.map(({ first, second }) => BigInt(pedersen(first, second))),

  publicKey: (secret) => Point.fromBytes(getPublicKey(hex(secret), true)).x,

  sign: (secret, hashes) =>
    hashes.map((hash) => {
      const { r, s } = sign(hex(hash), hex(secret))
      return { r, s }
    }),

  verify: (claims) => claims.map(isTrue),
}

function isTrue({ key, hash, r, s }: StarkClaim): boolean {
  try {
    const signature = new Signature(r, s)
    return ['02', '03'].some((parity) => verify(signature, hex(hash), `${parity}${word(key)}`))
  } catch {
    // No point of the curve has that x, or the inverse of s is too large.
    return false
  }
}

/** One of the two points with that x; undefined where there is none. */
export function pointAt(x: bigint): AffinePoint | undefined {
  try {
    const { x: same, y } = Point.fromHex(`02${word(x)}`).toAffine()
    return { x: same, y }
  } catch {
    return undefined
  }
}

function hex(value: bigint): string {
  return value.toString(16)
}

function word(value: bigint): string {
  return hex(value).padStart(64, '0')
}
