import { ORDER } from './arithmetic'
import { fromBytes, isAtLeast, isZero } from './field.as'
import { compress, INITIAL } from './sha256.as'

const INNER: usize = memory.data(32)
const OUTER: usize = memory.data(32)
const STATE: usize = memory.data(32)
const PAD: usize = memory.data(64)
const BLOCKS: usize = memory.data(128)
const K: usize = memory.data(32)
const V: usize = memory.data(32)
const SEED: usize = memory.data(97)
const CANDIDATE: usize = memory.data(36)

/**
 * The `skip`-th k after the first that RFC 6979 (section 3.2, with SHA-256) gives for a private key and a hash, each in 32
 * bytes, the least significant first; in the same form. The order has 252 bits, so of 256 bits the highest 252 count; but
 * where the first byte is zero, @scure/starknet takes all of the others, and so does this.
 */
export function nonce(out: usize, key: usize, hash: usize, skip: i32): void {
  memory.fill(K, 0, 32)
  memory.fill(V, 1, 32)
  hmacKey()
  reseed(0, key, hash)
  reseed(1, key, hash)
  let left = skip
  while (true) {
    hmac(V, V, 32)
    take(out)
    fromBytes(CANDIDATE, out)
    if (!isZero(CANDIDATE) && !isAtLeast(CANDIDATE, ORDER)) {
      if (left == 0) return
      left--
    }
    memory.copy(SEED, V, 32)
    store<u8>(SEED + 32, 0)
    hmac(K, SEED, 33)
    hmacKey()
    hmac(V, V, 32)
  }
}

function reseed(step: u8, key: usize, hash: usize): void {
  memory.copy(SEED, V, 32)
  store<u8>(SEED + 32, step)
  reversed(SEED + 33, key)
  reversed(SEED + 65, hash)
  hmac(K, SEED, 97)
  hmacKey()
  hmac(V, V, 32)
}

function reversed(out: usize, from: usize): void {
  for (let at: usize = 0; at < 32; at++) store<u8>(out + at, load<u8>(from + 31 - at))
}

function take(out: usize): void {
  reversed(out, V)
  if (load<u8>(V) == 0) return
  for (let at: usize = 0; at < 31; at++)
    store<u8>(out + at, (load<u8>(out + at) >> 4) | (load<u8>(out + at + 1) << 4))
  store<u8>(out + 31, load<u8>(out + 31) >> 4)
}

/** Prepares HMAC (RFC 2104) with the key K. */
function hmacKey(): void {
  padded(INNER, 0x36)
  padded(OUTER, 0x5c)
}

function padded(state: usize, byte: u8): void {
  for (let at: usize = 0; at < 32; at++) store<u8>(PAD + at, load<u8>(K + at) ^ byte)
  memory.fill(PAD + 32, byte, 32)
  memory.copy(state, INITIAL, 32)
  compress(state, PAD)
}

/** HMAC of up to 119 bytes. */
function hmac(out: usize, message: usize, length: usize): void {
  memory.fill(BLOCKS, 0, 128)
  memory.copy(BLOCKS, message, length)
  const end: usize = length < 56 ? 64 : 128
  finish(BLOCKS, length, end)
  memory.copy(STATE, INNER, 32)
  compress(STATE, BLOCKS)
  if (end > 64) compress(STATE, BLOCKS + 64)
  memory.fill(BLOCKS, 0, 64)
  digest(BLOCKS, STATE)
  finish(BLOCKS, 32, 64)
  memory.copy(STATE, OUTER, 32)
  compress(STATE, BLOCKS)
  digest(out, STATE)
}

/** SHA-256's padding; a block went before this message. */
function finish(blocks: usize, length: usize, end: usize): void {
  store<u8>(blocks + length, 0x80)
  store<u32>(blocks + end - 4, bswap<u32>(((64 + length) << 3) as u32))
}

function digest(out: usize, state: usize): void {
  for (let at: usize = 0; at < 32; at += 4) store<u32>(out + at, bswap<u32>(load<u32>(state + at)))
}
