import type { PriceMessage } from '../../../domain/price-message.ts'
import type { StarkClaim, StarkSignature } from '../../../ports.ts'

/** The arithmetic behind signatures on the STARK curve, many at a time. What comes in was checked: every number is in its range. */
export type StarkMath = {
  /** Pedersen's hash of each pair. */
  pedersen(pairs: readonly PriceMessage[]): readonly bigint[]
  /** The x of the key's point. */
  publicKey(secret: bigint): bigint
  /** ECDSA with the k of RFC 6979. */
  sign(secret: bigint, hashes: readonly bigint[]): readonly StarkSignature[]
  verify(claims: readonly StarkClaim[]): readonly boolean[]
}
