import { getPublicKey, sign, Signature, verify } from '@scure/starknet'

import type { StarkKey } from '../../ports.ts'
import { UnsignableHashError, WrongSignatureError } from './errors.ts'
import { type KeySecret, privateScalar } from './private-scalar.ts'

// https://docs.starkware.co/starkex/crypto/stark-curve.html
const order = 0x800000000000010ffffffffffffffffb781126dcae7b2321e66a241adc64d2fn

/** StarkWare's signers and verifiers take hashes and `r` below this only. */
const limit = 2n ** 251n

/**
 * A key on the STARK curve, held in memory: KMS does not know the curve. Signatures are deterministic (RFC 6979).
 *
 * Each is verified before it leaves: one that is wrong costs a push, and a faulty one could give the key away.
 */
export function starkKey(secret: KeySecret): StarkKey {
  const scalar = privateScalar(secret, { curve: 'the STARK curve', order })
  const hex = scalar.toString(16)
  const point = getPublicKey(hex, true)
  const publicKey =
    `0x${BigInt(`0x${Buffer.from(point.subarray(1)).toString('hex')}`).toString(16)}` as const
  return {
    publicKey,
    async sign(hash) {
      if (hash <= 0n || hash >= limit)
        throw new UnsignableHashError('a hash greater than 0 and below 2^251')
      const text = hash.toString(16)
      const { r, s } = sign(text, hex)
      if (!isInRange(r, s) || !verify(new Signature(r, s), text, point))
        throw new WrongSignatureError(publicKey, 'it does not verify')
      return { r, s }
    },
  }
}

function isInRange(r: bigint, s: bigint): boolean {
  return r > 0n && r < limit && s > 0n && s < order
}
