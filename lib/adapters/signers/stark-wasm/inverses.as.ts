import { multiplyN, multiplyP, ONE_N, ONE_P } from './arithmetic'
import { copy, invertN, invertP, isZeroP, SIZE } from './field.as'

// Many inverses for the price of one and three multiplications each (Montgomery's trick): write the numbers to
// `inverseOf(at)`, then `multiplied` for each going up, `shared`, and `next` for each going down, which leaves its
// inverse in INVERSE. Modulo the prime and modulo the order; all in Montgomery's form, none of them zero.

/** The most at once: the additions of both halves of a batch's scalars. */
const NUMBERS: usize = memory.data(73728)
/** Of the numbers before each. */
const PRODUCTS: usize = memory.data(73764)

const SHARED: usize = memory.data(36)
export const INVERSE: usize = memory.data(36)

export function inverseOf(at: usize): usize {
  return NUMBERS + at * SIZE
}

function productAt(at: usize): usize {
  return PRODUCTS + at * SIZE
}

export function multipliedP(at: usize): void {
  if (at == 0) copy(PRODUCTS, ONE_P)
  multiplyP(productAt(at + 1), productAt(at), inverseOf(at))
}

/** False where one of the numbers is zero. */
export function sharedP(count: usize): bool {
  if (isZeroP(productAt(count))) return false
  invertP(SHARED, productAt(count))
  return true
}

export function nextP(at: usize): void {
  multiplyP(INVERSE, SHARED, productAt(at))
  multiplyP(SHARED, SHARED, inverseOf(at))
}

export function multipliedN(at: usize): void {
  if (at == 0) copy(PRODUCTS, ONE_N)
  multiplyN(productAt(at + 1), productAt(at), inverseOf(at))
}

export function sharedN(count: usize): void {
  invertN(SHARED, productAt(count))
}

export function nextN(at: usize): void {
  multiplyN(INVERSE, SHARED, productAt(at))
  multiplyN(SHARED, SHARED, inverseOf(at))
}
