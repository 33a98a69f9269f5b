import { ORDER } from './arithmetic'
import { fromBytes, isAtLeast, isZero } from './field.as'
import { compress, INITIAL } from './sha256x4.as'

// RFC 6979 (section 3.2, with SHA-256) for many hashes and one private key, four at a time. What a hash has between two
// candidates for its k is HMAC's two states under its K, and its V: words in SHA-256's order.

/** The states and V of each hash: three times eight words. */
const PENDING: usize = memory.data(98304, 16)
const KEPT: usize = 96
/** Which hashes are still without a k. */
const LEFT: usize = memory.data(4096)
/** How many good candidates of each were passed over. */
const PASSED: usize = memory.data(1024)

// Four hashes side by side.
const INNER: usize = memory.data(128, 16)
const OUTER: usize = memory.data(128, 16)
const V: usize = memory.data(128, 16)
const K: usize = memory.data(128, 16)
const HASH: usize = memory.data(128, 16)
const BLOCK: usize = memory.data(256, 16)
const STATE: usize = memory.data(128, 16)

// The same for all hashes of a key.
const KEY: usize = memory.data(128, 16)
const EMPTY_INNER: usize = memory.data(128, 16)
const EMPTY_OUTER: usize = memory.data(128, 16)
/** The inner state after V, a zero byte and most of the key. */
const FIRST: usize = memory.data(128, 16)

const CANDIDATE: usize = memory.data(36)

/** Bits of a message after HMAC's pad: V or a digest, V and a byte, V and a byte and both operands. */
const SHORT: i32 = (64 + 32) << 3
const MIDDLE: i32 = (64 + 33) << 3
const LONG: i32 = (64 + 97) << 3

/**
 * The `skip`-th k after the first of each hash, 32 bytes each with the least significant first, at `outs`, `step` bytes
 * apart. The order has 252 bits, so of 256 bits the highest 252 count; but where the first byte is zero, @scure/starknet
 * takes all of the others, and so does this.
 */
export function nonces(
  outs: usize,
  step: usize,
  key: usize,
  hashes: usize,
  count: usize,
  skip: i32,
): void {
  begin(key)
  for (let at: usize = 0; at < count; at += 4) {
    for (let lane: usize = 0; lane < 4; lane++) {
      const which = min<usize>(at + lane, count - 1)
      store<u32>(LEFT + ((at + lane) << 2), which as u32)
      readWords(HASH, lane, hashes + (which << 5))
    }
    first()
    putBack(at, count)
  }
  memory.fill(PASSED, 0, count)
  let left = count
  // Each candidate is good about every other time.
  while (left > 0) {
    left = withoutTaken(outs, step, left, skip as u8)
    for (let at: usize = 0; at < left; at += 4) {
      fetch(at, left)
      next()
      putBack(at, left)
    }
  }
}

/** What depends on the key alone. */
function begin(key: usize): void {
  for (let lane: usize = 0; lane < 4; lane++) readWords(KEY, lane, key)
  for (let at: usize = 0; at < 128; at += 16) v128.store(K + at, i32x4.splat(0))
  firstV()
  hmacKey(EMPTY_INNER, EMPTY_OUTER)
  seedBlock(0)
  compress(FIRST, EMPTY_INNER, BLOCK)
}

function firstV(): void {
  for (let at: usize = 0; at < 128; at += 16) v128.store(V + at, i32x4.splat(0x01010101))
}

/** Takes four hashes to their first candidate. */
function first(): void {
  firstV()
  seedEnd()
  compress(STATE, FIRST, BLOCK)
  outer(K, EMPTY_OUTER)
  hmacKey(INNER, OUTER)
  hmacV()
  seedBlock(1)
  compress(STATE, INNER, BLOCK)
  seedEnd()
  compress(STATE, STATE, BLOCK)
  outer(K, OUTER)
  hmacKey(INNER, OUTER)
  hmacV()
  hmacV()
}

/** Takes four to their next candidate. */
function next(): void {
  message(V, MIDDLE)
  // The byte after V is zero, and the padding begins one later.
  v128.store(BLOCK, i32x4.splat(0x00800000), 128)
  compress(STATE, INNER, BLOCK)
  outer(K, OUTER)
  hmacKey(INNER, OUTER)
  hmacV()
  hmacV()
}

function hmacV(): void {
  message(V, SHORT)
  compress(STATE, INNER, BLOCK)
  outer(V, OUTER)
}

function outer(out: usize, state: usize): void {
  message(STATE, SHORT)
  compress(out, state, BLOCK)
}

/** Prepares HMAC (RFC 2104) with the key K. */
function hmacKey(inner: usize, outer: usize): void {
  padded(inner, 0x36363636)
  padded(outer, 0x5c5c5c5c)
}

function padded(out: usize, pad: i32): void {
  const all = i32x4.splat(pad)
  for (let at: usize = 0; at < 128; at += 16) {
    v128.store(BLOCK + at, v128.xor(v128.load(K + at), all))
    v128.store(BLOCK + 128 + at, all)
    v128.store(STATE + at, v128.load32_splat(INITIAL + (at >> 2)))
  }
  compress(out, STATE, BLOCK)
}

/** Eight words, SHA-256's padding and the length. */
function message(words: usize, bits: i32): void {
  for (let at: usize = 0; at < 128; at += 16) {
    v128.store(BLOCK + at, v128.load(words + at))
    v128.store(BLOCK + 128 + at, i32x4.splat(0))
  }
  v128.store(BLOCK, i32x4.splat(<i32>0x80000000), 128)
  v128.store(BLOCK, i32x4.splat(bits), 240)
}

/** V, a byte, and the key but for its last byte: the byte moves all that follows by eight bits. */
function seedBlock(byte: i32): void {
  let before = i32x4.splat(byte)
  for (let at: usize = 0; at < 128; at += 16) {
    v128.store(BLOCK + at, v128.load(V + at))
    const word = v128.load(KEY + at)
    v128.store(BLOCK + 128 + at, v128.or(i32x4.shl(before, 24), i32x4.shr_u(word, 8)))
    before = word
  }
}

/** The key's last byte and the hash. */
function seedEnd(): void {
  let before = v128.load(KEY, 112)
  for (let at: usize = 0; at < 128; at += 16) {
    const word = v128.load(HASH + at)
    v128.store(BLOCK + at, v128.or(i32x4.shl(before, 24), i32x4.shr_u(word, 8)))
    v128.store(BLOCK + 128 + at, i32x4.splat(0))
    before = word
  }
  const end = v128.or(i32x4.shl(before, 24), i32x4.splat(0x00800000))
  v128.store(BLOCK, end, 128)
  v128.store(BLOCK, i32x4.splat(LONG), 240)
}

/** Writes out the good candidates whose turn it is, and says how many hashes are left; those come first then. */
function withoutTaken(outs: usize, step: usize, count: usize, skip: u8): usize {
  let left: usize = 0
  for (let at: usize = 0; at < count; at++) {
    const which: usize = load<u32>(LEFT + (at << 2))
    if (candidate(outs + which * step, which)) {
      const passed = load<u8>(PASSED + which)
      if (passed == skip) continue
      store<u8>(PASSED + which, passed + 1)
    }
    store<u32>(LEFT + (left << 2), which as u32)
    left++
  }
  return left
}

/** Whether the V of a hash is a good k; it is written out in any case. */
function candidate(out: usize, which: usize): bool {
  const v = PENDING + which * KEPT + 64
  for (let at: usize = 0; at < 32; at += 4) store<u32>(out + at, load<u32>(v + 28 - at))
  if (load<u8>(out + 31) != 0) {
    for (let at: usize = 0; at < 31; at++)
      store<u8>(out + at, (load<u8>(out + at) >> 4) | (load<u8>(out + at + 1) << 4))
    store<u8>(out + 31, load<u8>(out + 31) >> 4)
  }
  fromBytes(CANDIDATE, out)
  return !isZero(CANDIDATE) && !isAtLeast(CANDIDATE, ORDER)
}

/** From four lanes to the hashes at these places of the list. */
function putBack(at: usize, count: usize): void {
  for (let lane: usize = 0; lane < 4 && at + lane < count; lane++) {
    const kept = PENDING + (load<u32>(LEFT + ((at + lane) << 2)) as usize) * KEPT
    for (let word: usize = 0; word < 8; word++) {
      const from = (word << 4) + (lane << 2)
      store<u32>(kept + (word << 2), load<u32>(INNER + from))
      store<u32>(kept + (word << 2), load<u32>(OUTER + from), 32)
      store<u32>(kept + (word << 2), load<u32>(V + from), 64)
    }
  }
}

function fetch(at: usize, count: usize): void {
  for (let lane: usize = 0; lane < 4; lane++) {
    const place = min<usize>(at + lane, count - 1)
    const kept = PENDING + (load<u32>(LEFT + (place << 2)) as usize) * KEPT
    for (let word: usize = 0; word < 8; word++) {
      const to = (word << 4) + (lane << 2)
      store<u32>(INNER + to, load<u32>(kept + (word << 2)))
      store<u32>(OUTER + to, load<u32>(kept + (word << 2), 32))
      store<u32>(V + to, load<u32>(kept + (word << 2), 64))
    }
  }
}

/** A number of 32 bytes, the least significant first, as eight words of one lane, the most significant first. */
function readWords(out: usize, lane: usize, bytes: usize): void {
  for (let word: usize = 0; word < 8; word++)
    store<u32>(out + (word << 4) + (lane << 2), load<u32>(bytes + 28 - (word << 2)))
}
