/**
 * What doubles may be off, and when a comparison of them is plainly what it is in exact decimals.
 *
 * Let u = 2^-53. A source's price in doubles is its digits (one rounding: u), or the middle of two such (3 u), times its leg's
 * price (two roundings: 2 u; the product: u): within 6 u of the exact one, relatively. The rule then rounds to 18 decimals,
 * by at most 0.5e-18. A difference of two prices up to p adds one rounding. So it is within 14 u · p + 1e-18; a median, a
 * middle of two, or a median of such differences is no further off than what it is made of, plus one rounding. All bounds
 * here are 2^-46 = 128 u, nine times as wide, and 4e-18: how far they are from being met does not have to be counted.
 */
export const relativeBound = 2 ** -46
export const absoluteBound = 4e-18

/** How far off a price, or a difference of prices, up to this size may be. */
export function boundOf(largest: number): number {
  return largest * relativeBound + absoluteBound
}

/** In doubles too near to say. */
export type Plainly = 'yes' | 'no' | 'unsure'

/** Whether `one` is more than `other`, where both together are off by at most `bound`. What is no number is unsure. */
export function isPlainlyMore(one: number, other: number, bound: number): Plainly {
  const apart = one - other
  // One more rounding each, of the two and of their difference.
  const most = bound + (Math.abs(one) + Math.abs(other)) * relativeBound
  if (apart > most) return 'yes'
  return apart < -most ? 'no' : 'unsure'
}

/** `isBeyondBps` in doubles: whether `distance`, off by at most `bound`, is more than `bps` of `base`. */
export function isPlainlyBeyond(
  distance: number,
  of: { readonly base: number; readonly bps: number; readonly bound: number },
): Plainly {
  return isPlainlyMore(distance * 10_000, of.base * of.bps, of.bound * (10_000 + of.bps))
}
