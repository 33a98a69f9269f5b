import type { Decimal } from './decimal.ts'

/** Whether `distance` is more than `bps` of `base`. Exact: by multiplying, never by dividing; the bound itself is inside. */
export function isBeyondBps(distance: Decimal, base: Decimal, bps: number): boolean {
  return distance.mul(10_000).gt(base.mul(bps))
}

/** `distance` in per cent of `base`, for people: `3.05 %`. */
export function percentOf(distance: Decimal, base: Decimal): string {
  return `${distance.div(base).mul(100).toSignificantDigits(3).toFixed()} %`
}
