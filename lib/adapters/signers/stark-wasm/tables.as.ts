import { add, difference, multiplyP, ONE_P, squareP, subtract, subtractBoth } from './arithmetic'
import { copy, SIZE } from './field.as'
import { INVERSE, inverseOf, multipliedP, nextP, sharedP } from './inverses.as'
import { addAll, doubleAll, LEFT, OUT, POINT, RIGHT } from './points.as'

// A table has a point's multiples: for each window i of w bits, d · 2^(i·w) times the point at (i·2^w + d). A multiple
// is then one addition for each window.

export function entry(table: usize, width: i32, window: usize, digit: usize): usize {
  return table + ((window << (width as usize)) + digit) * POINT
}

export function buildTable(table: usize, point: usize, width: i32, windows: usize): void {
  firsts(table, point, width, windows)
  for (let level: usize = 1; level < (1 << width) >> 1; level <<= 1) {
    let count: usize = 0
    for (let window: usize = 0; window < windows; window++)
      for (let digit = level; digit < level << 1; digit++) {
        store<u32>(LEFT + count, entry(table, width, window, digit) as u32)
        store<u32>(OUT + count, entry(table, width, window, digit << 1) as u32)
        count += 4
      }
    doubleAll(count >> 2)
    count = 0
    for (let window: usize = 0; window < windows; window++)
      for (let digit = level; digit < level << 1; digit++) {
        store<u32>(LEFT + count, entry(table, width, window, digit << 1) as u32)
        store<u32>(RIGHT + count, entry(table, width, window, 1) as u32)
        store<u32>(OUT + count, entry(table, width, window, (digit << 1) + 1) as u32)
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
function firsts(table: usize, point: usize, width: i32, windows: usize): void {
  memory.copy(entry(table, width, 0, 1), point, POINT)
  memory.copy(JACOBIAN, point, POINT)
  copy(Z, ONE_P)
  for (let window: usize = 1; window < windows; window++) {
    for (let bit = 0; bit < width; bit++) double(JACOBIAN, JACOBIAN + SIZE)
    memory.copy(entry(table, width, window, 1), JACOBIAN, POINT)
    copy(inverseOf(window - 1), Z)
    multipliedP(window - 1)
  }
  if (windows == 1) return
  sharedP(windows - 1)
  for (let window = windows - 1; window > 0; window--) {
    const first = entry(table, width, window, 1)
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
const STARTED: usize = memory.data(1024)

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

/** The point to add, or 0 where there is none or it was the first. */
function toAdd(at: usize, point: usize, width: i32, window: usize, digit: usize): usize {
  if (digit == 0) return 0
  const found = entry(load<u32>(TABLES + (at << 2)), width, window, digit)
  if (load<u8>(STARTED + at)) return found
  copy(point, found)
  copy(point + SIZE, found + SIZE)
  store<u8>(STARTED + at, 1)
  return 0
}

function digitOf(scalar: usize, bit: usize, width: i32): usize {
  const bits = load<u64>(scalar + (bit >> 3)) >> ((bit & 7) as u64)
  return (bits & ((1 << (width as u64)) - 1)) as usize
}
