import {
  add,
  difference,
  GENERATOR,
  multiplyN,
  ONE_P,
  ORDER,
  PEDERSEN_0,
  PEDERSEN_1,
  PEDERSEN_2,
  PEDERSEN_3,
  PEDERSEN_4,
} from './arithmetic'
import {
  copy,
  fromBytes,
  intoN,
  intoP,
  isEqual,
  isZero,
  isZeroP,
  outOfN,
  outOfP,
  plainProductN,
  SIZE,
  toBytes,
} from './field.as'
import {
  INVERSE,
  inverseOf,
  multipliedN,
  multipliedP,
  nextN,
  nextP,
  sharedN,
  sharedP,
} from './inverses.as'
import { nonces } from './nonce.as'
import { bothX, POINT } from './points.as'
import {
  addMultiples,
  addSignedMultiples,
  buildSignedTable,
  buildTable,
  SCALAR,
  sameTable,
  startNothing,
  startWithPoints,
  TABLES,
} from './tables.as'

// What the host calls. It writes its numbers to the places below, at most BATCH of each, 32 bytes each with the least
// significant first, and reads the answers there. It has checked every range.

export const BATCH: usize = 1024

/** A private key. */
export const SECRET: usize = memory.data(32)
export const HASHES: usize = memory.data(32768)
/** r and s. */
export const SIGNATURES: usize = memory.data(65536)
/** A byte each, one of the verdicts below. */
export const VERDICTS: usize = memory.data(1024)
/** A byte each, below SLOTS: whose key. */
export const KEYS: usize = memory.data(1024)
/** Points for Pedersen's sums, 72 bytes each, and what they add, 40 bytes each. */
export const POINTS: usize = memory.data(73728)
export const SCALARS: usize = memory.data(40960)

const OTHER_POINTS: usize = memory.data(73728)
const OTHER_SCALARS: usize = memory.data(40960)

const GOOD: u8 = 1
const BAD: u8 = 0
/** The two halves of a check are one point or each other's negative, which needs another formula. */
const STRANGE: u8 = 2

/** Of a scalar: it is below the order. */
const BITS: usize = 252
const WIDTH: i32 = 9
const WINDOWS: usize = 28
const GENERATOR_TABLE: usize = memory.data(516096)

/** Pedersen takes 248 bits of an operand by one point and 4 by another. */
const LOW_WIDTH: i32 = 9
const LOW_WINDOWS: usize = 28
const LOW_BITS: usize = 248
const HIGH_WIDTH: i32 = 4
const LOW_TABLES: usize = memory.data(1032192)
const LOW_TABLE_SIZE: usize = 516096
const HIGH_TABLES: usize = memory.data(2304)
const HIGH_TABLE_SIZE: usize = 1152

/** Peers' keys are many and new ones come while others wait, so their tables are small: a millisecond each. */
export const SLOTS: usize = 64
const KEY_WIDTH: i32 = 7
const KEY_WINDOWS: usize = 36
const KEY_TABLE_SIZE: usize = 165888
const KEY_TABLES: usize = memory.data(10616832)

const T: usize = memory.data(36)
const U: usize = memory.data(36)

export function prepareGenerator(): void {
  buildSignedTable(GENERATOR_TABLE, GENERATOR, WIDTH, WINDOWS)
}

export function preparePedersen(): void {
  buildSignedTable(LOW_TABLES, PEDERSEN_1, LOW_WIDTH, LOW_WINDOWS)
  buildSignedTable(LOW_TABLES + LOW_TABLE_SIZE, PEDERSEN_3, LOW_WIDTH, LOW_WINDOWS)
  buildTable(HIGH_TABLES, PEDERSEN_2, HIGH_WIDTH, 1)
  buildTable(HIGH_TABLES + HIGH_TABLE_SIZE, PEDERSEN_4, HIGH_WIDTH, 1)
}

/** Of the key whose x and y are the first two hashes. */
export function prepareKey(slot: usize): void {
  pointFrom(POINTS, HASHES)
  buildSignedTable(KEY_TABLES + slot * KEY_TABLE_SIZE, POINTS, KEY_WIDTH, KEY_WINDOWS)
}

function pointFrom(out: usize, bytes: usize): void {
  fromBytes(out, bytes)
  intoP(out, out)
  fromBytes(out + SIZE, bytes + 32)
  intoP(out + SIZE, out + SIZE)
}

/** Sets the points to Pedersen's shift. */
export function startPedersen(count: usize): void {
  for (let at: usize = 0; at < count; at++) memory.copy(POINTS + at * POINT, PEDERSEN_0, POINT)
}

/** Adds the scalars, of at most `bits` bits, to the points as the first (0) or second (1) operands. */
export function addOperands(count: usize, operand: usize, bits: usize): bool {
  startWithPoints(count)
  sameTable(count, LOW_TABLES + operand * LOW_TABLE_SIZE)
  if (!addSignedMultiples(count, POINTS, SCALARS, LOW_WIDTH, min<usize>(bits, LOW_BITS)))
    return false
  if (bits <= LOW_BITS) return true
  sameTable(count, HIGH_TABLES + operand * HIGH_TABLE_SIZE)
  return addMultiples(count, POINTS, SCALARS, LOW_BITS, HIGH_WIDTH, 1)
}

/** The points' x, as hashes. */
export function finishPedersen(count: usize): void {
  for (let at: usize = 0; at < count; at++) {
    outOfP(T, POINTS + at * POINT)
    toBytes(HASHES + (at << 5), T)
  }
}

/** SECRET times the generator: x and y, as the first two hashes. */
export function publicKey(): void {
  memory.copy(SCALARS, SECRET, 32)
  store<u64>(SCALARS, 0, 32)
  multiplesOfGenerator(1, POINTS, SCALARS)
  outOfP(T, POINTS)
  toBytes(HASHES, T)
  outOfP(T, POINTS + SIZE)
  toBytes(HASHES + 32, T)
}

function multiplesOfGenerator(count: usize, points: usize, scalars: usize): bool {
  startNothing(count)
  sameTable(count, GENERATOR_TABLE)
  return addSignedMultiples(count, points, scalars, WIDTH, BITS)
}

/**
 * ECDSA signatures of the hashes, each with the `attempt`-th k. Bad is one whose r or the inverse of whose s is not
 * between 0 and 2^bits: that one wants the next k.
 */
export function sign(count: usize, attempt: i32, bits: usize): bool {
  const top: i32 = 1 << (bits - 232)
  nonces(SCALARS, SCALAR, SECRET, HASHES, count, attempt)
  for (let at: usize = 0; at < count; at++) store<u64>(SCALARS + at * SCALAR, 0, 32)
  if (!multiplesOfGenerator(count, POINTS, SCALARS)) return false
  // k · (hash + r · key) has both inverses in it: that of k, for s, and that of the sum, for the inverse of s.
  for (let at: usize = 0; at < count; at++) {
    const r = POINTS + at * POINT
    outOfP(r, r)
    const isGood = signedSum(r + SIZE, r, HASHES + (at << 5)) && load<i32>(r, 32) < top
    store<u8>(VERDICTS + at, isGood ? GOOD : BAD)
    toBytes(SIGNATURES + (at << 6), r)
    numberOf(T, SCALARS + at * SCALAR)
    multiplyN(inverseOf(at), T, r + SIZE)
    multipliedN(at)
  }
  sharedN(count)
  for (let at: usize = count; at > 0;) {
    at--
    nextN(at)
    const sum = POINTS + at * POINT + SIZE
    multiplyN(T, sum, sum)
    multiplyN(T, T, INVERSE)
    outOfN(T, T)
    toBytes(SIGNATURES + (at << 6) + 32, T)
    numberOf(T, SCALARS + at * SCALAR)
    multiplyN(T, T, T)
    multiplyN(T, T, INVERSE)
    outOfN(T, T)
    if (load<i32>(T, 32) >= top) store<u8>(VERDICTS + at, BAD)
  }
  return true
}

/** hash + r · key; false where that, or r, is zero, and some other number in place of it. */
function signedSum(out: usize, r: usize, hash: usize): bool {
  numberOf(T, SECRET)
  fromBytes(U, hash)
  plainProductN(T, r, T)
  add(T, T, U)
  intoN(out, T)
  outOfN(T, out)
  if (!isZero(T) && !isZero(r)) return true
  numberOf(out, SECRET)
  return false
}

function numberOf(out: usize, bytes: usize): void {
  fromBytes(out, bytes)
  intoN(out, out)
}

/**
 * Whether each signature is its key's on its hash: with w = 1/s below 2^251, the x of (hash · w) G + (r · w) Q or of their
 * difference is r. A key is an x, so Q is one of two points, and either may have signed.
 */
export function verify(count: usize): bool {
  shares(count)
  if (!multiplesOfGenerator(count, POINTS, SCALARS)) return false
  startNothing(count)
  for (let at: usize = 0; at < count << 2; at += 4)
    store<u32>(
      TABLES + at,
      (KEY_TABLES + (load<u8>(KEYS + (at >> 2)) as usize) * KEY_TABLE_SIZE) as u32,
    )
  if (!addSignedMultiples(count, OTHER_POINTS, OTHER_SCALARS, KEY_WIDTH, BITS)) return false
  for (let at: usize = 0; at < count; at++) {
    difference(inverseOf(at), OTHER_POINTS + at * POINT, POINTS + at * POINT)
    if (isZeroP(inverseOf(at))) {
      store<u8>(VERDICTS + at, STRANGE)
      copy(inverseOf(at), ONE_P)
    }
    multipliedP(at)
  }
  sharedP(count)
  for (let at: usize = count; at > 0;) {
    at--
    nextP(at)
    if (load<u8>(VERDICTS + at) != GOOD) continue
    const plus = POINTS + at * POINT
    bothX(T, U, plus, OTHER_POINTS + at * POINT)
    fromBytes(plus, SIGNATURES + (at << 6))
    outOfP(T, T)
    outOfP(U, U)
    if (!isEqual(T, plus) && !isEqual(U, plus)) store<u8>(VERDICTS + at, BAD)
  }
  return true
}

/** hash · w and r · w; the verdict is good as far as w is in range. */
function shares(count: usize): void {
  for (let at: usize = 0; at < count; at++) {
    numberOf(inverseOf(at), SIGNATURES + (at << 6) + 32)
    multipliedN(at)
  }
  sharedN(count)
  for (let at: usize = count; at > 0;) {
    at--
    nextN(at)
    outOfN(T, INVERSE)
    store<u8>(VERDICTS + at, load<i32>(T, 32) < 1 << 19 ? GOOD : BAD)
    share(SCALARS + at * SCALAR, HASHES + (at << 5))
    share(OTHER_SCALARS + at * SCALAR, SIGNATURES + (at << 6))
  }
}

function share(out: usize, bytes: usize): void {
  fromBytes(T, bytes)
  plainProductN(T, T, INVERSE)
  toBytes(out, T)
  store<u64>(out, 0, 32)
}
