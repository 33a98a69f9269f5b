import {
  add,
  INTO_N,
  INTO_P,
  multiplyN,
  multiplyP,
  ONE_N,
  ORDER,
  ORDER_MINUS_2,
  PLAIN_ONE,
  PRIME,
  squareN,
  squareP,
  subtract,
} from './arithmetic'

// A number is nine limbs of 29 bits, the lowest first; the last one carries the sign. Products come out between
// -2^250 and about 1.3 times the modulus. Sums and differences of points may grow to some hundred times that, and stay
// far within what a product takes (2^260).

/** Bytes of a number. */
export const SIZE: usize = 36

const LIMB: u64 = 0x1fffffff

/** Word by word: engines call a function of their own for `memory.copy`, which takes as long as half a product. */
export function copy(out: usize, from: usize): void {
  store<u64>(out, load<u64>(from))
  store<u64>(out, load<u64>(from, 8), 8)
  store<u64>(out, load<u64>(from, 16), 16)
  store<u64>(out, load<u64>(from, 24), 24)
  store<u32>(out, load<u32>(from, 32), 32)
}

/** From 32 bytes, the least significant first. */
export function fromBytes(out: usize, bytes: usize): void {
  let pending: u64 = 0
  let bits: u64 = 0
  let limb: usize = 0
  for (let word: usize = 0; word < 32; word += 4) {
    pending |= (load<u32>(bytes + word) as u64) << bits
    bits += 32
    while (bits >= 29 && limb < 32) {
      store<u32>(out + limb, (pending & LIMB) as u32)
      pending >>= 29
      bits -= 29
      limb += 4
    }
  }
  store<u32>(out + 32, pending as u32)
}

/** To 32 bytes; the number is between 0 and 2^256. */
export function toBytes(bytes: usize, from: usize): void {
  let pending: u64 = 0
  let bits: u64 = 0
  let word: usize = 0
  for (let limb: usize = 0; limb < SIZE; limb += 4) {
    pending |= (load<u32>(from + limb) as u64) << bits
    bits += 29
    if (bits >= 32) {
      store<u32>(bytes + word, pending as u32)
      pending >>= 32
      bits -= 32
      word += 4
    }
  }
  if (word < 32) store<u32>(bytes + word, pending as u32)
}

export function isAtLeast(a: usize, b: usize): bool {
  for (let at: i32 = 32; at >= 0; at -= 4) {
    const x = load<i32>(a + at)
    const y = load<i32>(b + at)
    if (x != y) return x > y
  }
  return true
}

export function isZero(a: usize): bool {
  let bits: i32 = 0
  for (let at: usize = 0; at < SIZE; at += 4) bits |= load<i32>(a + at)
  return bits == 0
}

export function isEqual(a: usize, b: usize): bool {
  let bits: i32 = 0
  for (let at: usize = 0; at < SIZE; at += 4) bits |= load<i32>(a + at) ^ load<i32>(b + at)
  return bits == 0
}

/** A product between 0 and the modulus. */
function reduce(a: usize, modulus: usize): void {
  if (load<i32>(a, 32) < 0) add(a, a, modulus)
  if (isAtLeast(a, modulus)) subtract(a, a, modulus)
}

export function intoP(out: usize, a: usize): void {
  multiplyP(out, a, INTO_P)
}

export function intoN(out: usize, a: usize): void {
  multiplyN(out, a, INTO_N)
}

/** Out of Montgomery's form, between 0 and the prime. */
export function outOfP(out: usize, a: usize): void {
  multiplyP(out, a, PLAIN_ONE)
  reduce(out, PRIME)
}

export function outOfN(out: usize, a: usize): void {
  multiplyN(out, a, PLAIN_ONE)
  reduce(out, ORDER)
}

/** The product of a plain number and one in Montgomery's form: plain, between 0 and the order. */
export function plainProductN(out: usize, plain: usize, other: usize): void {
  multiplyN(out, plain, other)
  reduce(out, ORDER)
}

const TRIAL: usize = memory.data(36)

export function isZeroP(a: usize): bool {
  outOfP(TRIAL, a)
  return isZero(TRIAL)
}

const BASE: usize = memory.data(36)
const RUN: usize = memory.data(36)
const POWER: usize = memory.data(36)

function squaredP(a: usize, times: i32): void {
  for (let at = 0; at < times; at++) squareP(a, a)
}

/** a^(p - 2), where p - 2 = 2^251 + 2^196 + 2^192 - 1. */
export function invertP(out: usize, a: usize): void {
  copy(BASE, a)
  copy(RUN, a)
  // RUN = a^(2^k - 1) for k = 1, 2, 4 … 64.
  for (let k = 1; k < 64; k <<= 1) {
    copy(POWER, RUN)
    squaredP(POWER, k)
    multiplyP(RUN, POWER, RUN)
  }
  // POWER = a^(2^192 - 1).
  copy(POWER, RUN)
  squaredP(POWER, 64)
  multiplyP(POWER, POWER, RUN)
  squaredP(POWER, 64)
  multiplyP(POWER, POWER, RUN)
  // RUN = a^(2^196), then a^(2^251).
  multiplyP(RUN, POWER, BASE)
  squaredP(RUN, 4)
  multiplyP(POWER, POWER, RUN)
  squaredP(RUN, 55)
  multiplyP(out, POWER, RUN)
}

const POWERS: usize = memory.data(576)

/** a^(n - 2), four bits at a time. */
export function invertN(out: usize, a: usize): void {
  copy(POWERS, ONE_N)
  for (let at: usize = 1; at < 16; at++) multiplyN(POWERS + at * SIZE, POWERS + (at - 1) * SIZE, a)
  copy(RUN, ONE_N)
  for (let digit: usize = 0; digit < 63; digit++) {
    for (let bit = 0; bit < 4; bit++) squareN(RUN, RUN)
    multiplyN(RUN, RUN, POWERS + (load<u8>(ORDER_MINUS_2 + digit) as usize) * SIZE)
  }
  copy(out, RUN)
}
