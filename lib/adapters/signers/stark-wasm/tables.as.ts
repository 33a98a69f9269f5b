import { add, difference, multiplyP, ONE_P, squareP, subtract, subtractBoth } from './arithmetic'
import { copy, SIZE } from './field.as'
import { INVERSE, inverseOf, multipliedP, nextP, sharedP } from './inverses.as'
import { addAll, doubleAll, LEFT, OUT, POINT, RIGHT } from './points.as'

// A table has a point's multiples, so that a multiple is one addition for each window of the scalar's bits. A plain table
// has, for each window i of w bits, d · 2^(i·w) times the point at (i·2^w + d). A signed one has digits from -2^(w-1) to
// 2^(w-1): half as many points for each window, those below zero being the others' negatives. Its largest one stands where
// a plain table's zero would.

export function entry(table: usize, bits: i32, window: usize, digit: usize): usize {
  return table + ((window << (bits as usize)) + digit) * POINT
}

export function buildTable(table: usize, point: usize, width: i32, windows: usize): void {
  build(table, point, width, width, windows)
}

export function buildSignedTable(table: usize, point: usize, width: i32, windows: usize): void {
  const bits = width - 1
  build(table, point, width, bits, windows)
  for (let window: usize = 0; window < windows; window++) {
    store<u32>(LEFT + (window << 2), entry(table, bits, window, (1 << bits) >> 1) as u32)
    store<u32>(OUT + (window << 2), entry(table, bits, window, 0) as u32)
  }
  doubleAll(windows)
}

/** Multiples by 1 up to 2^bits - 1, for windows of `width` bits. */
function build(table: usize, point: usize, width: i32, bits: i32, windows: usize): void {
  firsts(table, point, width, bits, windows)
  for (let level: usize = 1; level < (1 << bits) >> 1; level <<= 1) {
    let count: usize = 0
    for (let window: usize = 0; window < windows; window++)
      for (let digit = level; digit < level << 1; digit++) {
        store<u32>(LEFT + count, entry(table, bits, window, digit) as u32)
        store<u32>(OUT + count, entry(table, bits, window, digit << 1) as u32)
        count += 4
      }
    doubleAll(count >> 2)
    count = 0
    for (let window: usize = 0; window < windows; window++)
      for (let digit = level; digit < level << 1; digit++) {
        store<u32>(LEFT + count, entry(table, bits, window, digit << 1) as u32)
        store<u32>(RIGHT + count, entry(table, bits, window, 1) as u32)
        store<u32>(OUT + count, entry(table, bits, window, (digit << 1) + 1) as u32)
        count += 4
      }
    addAll(count >> 2)
  }
}

const Z: usize = memory.data(36)
const YY: usize = memory.data(36)
const S: usize = memory.data(36)
const M: usize = memory.data(36)
const T: usize = memory.data(36)
const JACOBIAN: usize = memory.data(72)

/** Each window's multiple by 1: doublings in Jacobian coordinates, (x, y) = (X/Z², Y/Z³), then one inversion for all. */
function firsts(table: usize, point: usize, width: i32, bits: i32, windows: usize): void {
  memory.copy(entry(table, bits, 0, 1), point, POINT)
  memory.copy(JACOBIAN, point, POINT)
  copy(Z, ONE_P)
  for (let window: usize = 1; window < windows; window++) {
    for (let bit = 0; bit < width; bit++) double(JACOBIAN, JACOBIAN + SIZE)
    memory.copy(entry(table, bits, window, 1), JACOBIAN, POINT)
    copy(inverseOf(window - 1), Z)
    multipliedP(window - 1)
  }
  if (windows == 1) return
  sharedP(windows - 1)
  for (let window = windows - 1; window > 0; window--) {
    const first = entry(table, bits, window, 1)
    nextP(window - 1)
    squareP(T, INVERSE)
    multiplyP(first, first, T)
    multiplyP(T, T, INVERSE)
    multiplyP(first + SIZE, first + SIZE, T)
  }
}

function double(x: usize, y: usize): void {
  squareP(YY, y)
  multiplyP(S, x, YY)
  add(S, S, S)
  add(S, S, S)
  squareP(M, x)
  add(T, M, M)
  add(M, M, T)
  squareP(T, Z)
  squareP(T, T)
  add(M, M, T)
  multiplyP(Z, y, Z)
  add(Z, Z, Z)
  squareP(T, M)
  subtractBoth(x, T, S, S)
  difference(T, S, x)
  multiplyP(T, M, T)
  squareP(YY, YY)
  add(YY, YY, YY)
  add(YY, YY, YY)
  add(YY, YY, YY)
  subtract(y, T, YY)
}

/** Bytes of a scalar: 32, the least significant first, and zeros. */
export const SCALAR: usize = 40

/** Whether a sum has its first point yet. */
const STARTED: usize = memory.data(2048)

/** For each pointer in `TABLES`, the table that its scalar goes by. */
export const TABLES: usize = memory.data(4096)

export function startNothing(count: usize): void {
  memory.fill(STARTED, 0, count)
}

export function startWithPoints(count: usize): void {
  memory.fill(STARTED, 1, count)
}

export function sameTable(count: usize, table: usize): void {
  for (let at: usize = 0; at < count; at++) store<u32>(TABLES + (at << 2), table as u32)
}

/**
 * Adds to each point its scalar's windows, beginning at bit `from`, out of its table. Says false where a sum met a point
 * and itself or its negative, which no scalar below the order can bring about with one table.
 */
export function addMultiples(
  count: usize,
  points: usize,
  scalars: usize,
  from: usize,
  width: i32,
  windows: usize,
): bool {
  for (let at: usize = 0; at < count; at++) {
    const point = (points + at * POINT) as u32
    store<u32>(LEFT + (at << 2), point)
    store<u32>(OUT + (at << 2), point)
  }
  for (let window: usize = 0; window < windows; window++) {
    for (let at: usize = 0; at < count; at++) {
      const digit = digitOf(scalars + at * SCALAR, from + window * (width as usize), width)
      store<u32>(RIGHT + (at << 2), toAdd(at, points + at * POINT, width, window, digit) as u32)
    }
    if (!addAll(count)) return false
  }
  return true
}

/**
 * The same for signed tables, whose windows begin at bit 0. Each scalar's lower and upper half are two sums that are added at
 * the end: twice as many additions share an inversion, and there are half as many inversions. With one table no scalar
 * below the order makes the halves meet either, so strangers cannot send a batch to the slow way: both widths part it at
 * bit 126, a lower half is about half of 2^126 at most either way, and the order is 0.87 · 2^126 above a multiple of 2^126.
 */
export function addSignedMultiples(
  count: usize,
  points: usize,
  scalars: usize,
  width: i32,
  bits: usize,
): bool {
  const windows = windowsOf(bits, width)
  for (let at: usize = 0; at < count; at++) recode(at, scalars + at * SCALAR, width, bits)
  memory.fill(STARTED + count, 0, count)
  for (let at: usize = 0; at < count << 1; at++) {
    const point = sumAt(at, count, points) as u32
    store<u32>(LEFT + (at << 2), point)
    store<u32>(OUT + (at << 2), point)
  }
  const half = (windows + 1) >> 1
  for (let window: usize = 0; window < half; window++) {
    for (let at: usize = 0; at < count << 1; at++) {
      const isUpper = at >= count
      const which = isUpper ? at - count : at
      const right = signedPoint(at, which, width - 1, isUpper ? window + half : window)
      store<u32>(RIGHT + (at << 2), started(at, sumAt(at, count, points), right) as u32)
    }
    if (!addAll(count << 1)) return false
  }
  for (let at: usize = 0; at < count; at++) {
    const upper = load<u8>(STARTED + count + at) ? sumAt(count + at, count, points) : 0
    store<u32>(RIGHT + (at << 2), started(at, points + at * POINT, upper) as u32)
  }
  return addAll(count)
}

/** The sums of upper halves. */
const UPPER: usize = memory.data(73728)
/** A word for each window of each scalar, from -2^(w-1) to 2^(w-1). */
const DIGITS: usize = memory.data(73728)
const MOST_WINDOWS: usize = 36
/** The negatives of points that are about to be added. */
const NEGATIVES: usize = memory.data(147456)
const NOTHING: usize = memory.data(36)

function sumAt(at: usize, count: usize, points: usize): usize {
  return at < count ? points + at * POINT : UPPER + (at - count) * POINT
}

/**
 * A last window that is full may carry into one more. Not so with 252 bits: a scalar below the order has its highest bit
 * only where the next fifty are zero.
 */
function windowsOf(bits: usize, width: i32): usize {
  const full = bits / (width as usize)
  return bits == 252 && full * (width as usize) == bits ? full : full + 1
}

/** The scalar's lowest `bits`. */
function recode(at: usize, scalar: usize, width: i32, bits: usize): void {
  const most: i32 = 1 << (width - 1)
  const windows = windowsOf(bits, width)
  let carry: i32 = 0
  for (let window: usize = 0; window < windows; window++) {
    const from = window * (width as usize)
    const size = min<usize>(width as usize, bits - from) as i32
    const digit = (size == 0 ? 0 : (digitOf(scalar, from, size) as i32)) + carry
    carry = digit > most ? 1 : 0
    store<i16>(DIGITS + ((at * MOST_WINDOWS + window) << 1), (digit - (carry << width)) as i16)
  }
  // An odd number of windows leaves the upper half one short.
  if (windows & 1) store<i16>(DIGITS + ((at * MOST_WINDOWS + windows) << 1), 0)
}

/** What a window adds to a sum; 0 where it is nothing. */
function signedPoint(at: usize, which: usize, bits: i32, window: usize): usize {
  const digit: i32 = load<i16>(DIGITS + ((which * MOST_WINDOWS + window) << 1))
  if (digit == 0) return 0
  const index = ((digit < 0 ? -digit : digit) & ((1 << bits) - 1)) as usize
  const found = entry(load<u32>(TABLES + (which << 2)), bits, window, index)
  if (digit > 0) return found
  const negative = NEGATIVES + at * POINT
  copy(negative, found)
  subtract(negative + SIZE, NOTHING, found + SIZE)
  return negative
}

/** The point to add, or 0 where there is none or it was the first. */
function toAdd(at: usize, point: usize, width: i32, window: usize, digit: usize): usize {
  if (digit == 0) return 0
  return started(at, point, entry(load<u32>(TABLES + (at << 2)), width, window, digit))
}

/** A sum's first point is taken as it is. */
function started(at: usize, point: usize, found: usize): usize {
  if (found == 0 || load<u8>(STARTED + at)) return found
  copy(point, found)
  copy(point + SIZE, found + SIZE)
  store<u8>(STARTED + at, 1)
  return 0
}

function digitOf(scalar: usize, bit: usize, width: i32): usize {
  const bits = load<u64>(scalar + (bit >> 3)) >> ((bit & 7) as u64)
  return (bits & ((1 << (width as u64)) - 1)) as usize
}
