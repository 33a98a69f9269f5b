import type { StarkKey } from '../../ports.ts'
import { UnsignableHashError, WrongSignatureError } from './errors.ts'
import { type KeySecret, privateScalar } from './private-scalar.ts'
import { limit, order } from './stark-wasm/curve.ts'
import { rangeChecked, starkMath } from './stark-wasm/stark-curve.ts'
import type { StarkMath } from './stark-wasm/stark-math.ts'

/**
 * A key on the STARK curve, held in memory: KMS does not know the curve. Signatures are deterministic (RFC 6979).
 *
 * Each is verified before it leaves: one that is wrong costs a push, and a faulty one could give the key away.
 */
export function starkKey(secret: KeySecret, math: StarkMath = starkMath()): StarkKey {
  const scalar = privateScalar(secret, { curve: 'the STARK curve', order })
  const curve = rangeChecked(() => math)
  const key = math.publicKey(scalar)
  const publicKey = `0x${key.toString(16)}` as const

  function signAll(hashes: readonly bigint[]) {
    if (hashes.some((hash) => hash <= 0n || hash >= limit))
      throw new UnsignableHashError('a hash greater than 0 and below 2^251')
    const signatures = math.sign(scalar, hashes)
    const claims = hashes.map((hash, at) => ({ key, hash, r: 0n, s: 0n, ...signatures[at] }))
    if (!curve.verify(claims).every(Boolean))
      throw new WrongSignatureError(publicKey, 'it does not verify')
    return claims.map(({ r, s }) => ({ r, s }))
  }

  return {
    publicKey,
    sign: async (hash) => {
      const [signature] = signAll([hash])
      if (!signature) throw new WrongSignatureError(publicKey, 'there is none')
      return Promise.resolve(signature)
    },
    signAll: async (hashes) => signAll(hashes),
  }
}
