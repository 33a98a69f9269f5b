import { add, difference, multiplyP, ONE_P, squareP, subtract, subtractBoth } from './arithmetic'
import { copy, SIZE } from './field.as'
import { INVERSE, inverseOf, multipliedP, nextP, sharedP } from './inverses.as'

// A point is x and y in Montgomery's form. Sums come in batches that share one inversion.

/** Bytes of a point. */
export const POINT: usize = 72

/** Pointers to a batch's points: `OUT[i] = LEFT[i] + RIGHT[i]`, at most 2,048. A right side of 0 leaves that one out. */
export const LEFT: usize = memory.data(8192)
export const RIGHT: usize = memory.data(8192)
export const OUT: usize = memory.data(8192)

const SLOPE: usize = memory.data(36)
const SQUARE: usize = memory.data(36)
const X: usize = memory.data(36)
const T: usize = memory.data(36)

/** Says false, and adds nothing, where one of the sums is of a point and itself or its negative. */
export function addAll(count: usize): bool {
  let used: usize = 0
  for (let at: usize = 0; at < count << 2; at += 4) {
    const right: usize = load<u32>(RIGHT + at)
    if (right == 0) continue
    difference(inverseOf(used), right, load<u32>(LEFT + at))
    multipliedP(used++)
  }
  if (used == 0) return true
  if (!sharedP(used)) return false
  for (let at: usize = count << 2; at > 0;) {
    at -= 4
    const right: usize = load<u32>(RIGHT + at)
    if (right == 0) continue
    const left: usize = load<u32>(LEFT + at)
    nextP(--used)
    difference(T, right + SIZE, left + SIZE)
    multiplyP(SLOPE, T, INVERSE)
    third(load<u32>(OUT + at), left, right)
  }
  return true
}

/** `OUT[i] = 2 · LEFT[i]`. No point has y = 0: the curve's order is odd. */
export function doubleAll(count: usize): void {
  for (let at: usize = 0; at < count; at++) {
    const y: usize = load<u32>(LEFT + (at << 2)) + SIZE
    add(inverseOf(at), y, y)
    multipliedP(at)
  }
  sharedP(count)
  for (let at: usize = count; at > 0;) {
    const point: usize = load<u32>(LEFT + (--at << 2))
    nextP(at)
    squareP(SQUARE, point)
    add(T, SQUARE, SQUARE)
    add(T, T, SQUARE)
    add(T, T, ONE_P)
    multiplyP(SLOPE, T, INVERSE)
    third(load<u32>(OUT + (at << 2)), point, point)
  }
}

/** The sum of two points, by the slope of the line through them. */
function third(out: usize, left: usize, right: usize): void {
  squareP(SQUARE, SLOPE)
  subtractBoth(X, SQUARE, left, right)
  difference(T, left, X)
  multiplyP(T, SLOPE, T)
  subtract(out + SIZE, T, left + SIZE)
  copy(out, X)
}

/** The x of `left + right` and of `left - right`; their denominator, `right.x - left.x`, is INVERSE. */
export function bothX(plus: usize, minus: usize, left: usize, right: usize): void {
  difference(T, right + SIZE, left + SIZE)
  multiplyP(SLOPE, T, INVERSE)
  squareP(SQUARE, SLOPE)
  subtractBoth(plus, SQUARE, left, right)
  add(T, right + SIZE, left + SIZE)
  multiplyP(SLOPE, T, INVERSE)
  squareP(SQUARE, SLOPE)
  subtractBoth(minus, SQUARE, left, right)
}
