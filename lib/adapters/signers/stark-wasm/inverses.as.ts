import { multiplyN, multiplyP, ONE_N, ONE_P } from './arithmetic'
import { copy, invertN, invertP, isZeroP, SIZE } from './field.as'

// Many inverses for the price of one and three multiplications each (Montgomery's trick): write the numbers to
// `inverseOf(at)`, then `multiplied` for each going up, `shared`, and `next` for each going down, which leaves its
// inverse in INVERSE. Modulo the prime and modulo the order; all in Montgomery's form, none of them zero.

/** The most at once: the additions of one level of a table with 32 windows of 8 bits. */
const NUMBERS: usize = memory.data(73728)
const PREFIXES: usize = memory.data(73728)

const PRODUCT: usize = memory.data(36)
const SHARED: usize = memory.data(36)
export const INVERSE: usize = memory.data(36)

export function inverseOf(at: usize): usize {
  return NUMBERS + at * SIZE
}

export function multipliedP(at: usize): void {
  if (at == 0) copy(PRODUCT, ONE_P)
  copy(PREFIXES + at * SIZE, PRODUCT)
  multiplyP(PRODUCT, PRODUCT, inverseOf(at))
}

/** False where one of the numbers is zero. */
export function sharedP(): bool {
  if (isZeroP(PRODUCT)) return false
  invertP(SHARED, PRODUCT)
  return true
}

export function nextP(at: usize): void {
  multiplyP(INVERSE, SHARED, PREFIXES + at * SIZE)
  multiplyP(SHARED, SHARED, inverseOf(at))
}

export function multipliedN(at: usize): void {
  if (at == 0) copy(PRODUCT, ONE_N)
  copy(PREFIXES + at * SIZE, PRODUCT)
  multiplyN(PRODUCT, PRODUCT, inverseOf(at))
}

export function sharedN(): void {
  invertN(SHARED, PRODUCT)
}

export function nextN(at: usize): void {
  multiplyN(INVERSE, SHARED, PREFIXES + at * SIZE)
  multiplyN(SHARED, SHARED, inverseOf(at))
}
