import { createHmac } from 'node:crypto'

import { Point } from '@scure/starknet'

import { order } from '../../../../lib/adapters/signers/stark-wasm/curve.ts'

/** ECDSA on the STARK curve written out after RFC 6979, section 3.2, with the first k whose r and 1/s are below `end`. */
export function signSlowly(secret: bigint, hash: bigint, end: bigint) {
  let attempts = 0
  for (const k of nonces(secret, hash)) {
    attempts += 1
    const r = Point.BASE.multiply(k).toAffine().x
    const s = ((hash + r * secret) * inverse(k)) % order
    if (r < end && s > 0n && inverse(s) < end) return { r, s, attempts }
  }
  throw new Error('there is always another k')
}

function* nonces(secret: bigint, hash: bigint): Generator<bigint> {
  const seed = Buffer.concat([bytes(secret), bytes(hash)])
  let k = Buffer.alloc(32, 0)
  let v = Buffer.alloc(32, 1)
  for (const step of [0, 1]) {
    k = hmac(k, v, Buffer.of(step), seed)
    v = hmac(k, v)
  }
  for (;;) {
    v = hmac(k, v)
    const bits = BigInt(`0x${v.toString('hex')}`)
    // The 252 highest of 256 bits; of fewer bytes, where the first is zero, @scure/starknet takes all.
    const candidate = v[0] === 0 ? bits : bits >> 4n
    if (candidate > 0n && candidate < order) yield candidate
    k = hmac(k, v, Buffer.of(0))
    v = hmac(k, v)
  }
}

function hmac(key: Buffer, ...parts: readonly Buffer[]) {
  return createHmac('sha256', key).update(Buffer.concat(parts)).digest()
}

function bytes(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
}

/** Modulo the order, by Fermat. */
export function inverse(value: bigint): bigint {
  let result = 1n
  let power = value % order
  for (let left = order - 2n; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * power) % order
    power = (power * power) % order
  }
  return result
}
