import type { Margin } from '../margin/account.ts'

/**
 * Of accounts below their margin, the worst first, those that are looked at in a slot. Where there are more, accounts with less than
 * nothing have half of the places: the insurance fund may be unable to pay for any of them, and those with something left, who can
 * be helped, would wait behind them and sink. Places that the one kind does not need are the other's.
 */
export function askedFirst<One extends { readonly margin: Margin }>(
  below: readonly One[],
  most: number,
): readonly One[] {
  if (below.length <= most) return below
  const broke = below.filter(({ margin }) => margin.value < 0n)
  const others = below.filter(({ margin }) => margin.value >= 0n)
  const half = Math.ceil(most / 2)
  const places = Math.min(broke.length, Math.max(half, most - others.length))
  return [...broke.slice(0, places), ...others.slice(0, most - places)]
}
