/** A counterparty, and how much of the bankrupt position it could take at most. */
export type Taker = { readonly account: string; readonly most: bigint }

export type DeleverageSet = {
  /** In order; the last one may give less than it could. */
  readonly chosen: readonly { readonly account: string; readonly size: bigint }[]
  /** Whoever comes next, should one of them be refused. */
  readonly fallbacks: readonly Taker[]
  /** What nobody here can take. */
  readonly missing: bigint
  /** How much more than needed is taken: always less than one lot. */
  readonly excess: bigint
}

/**
 * The first of the ranked takers who together cover what must be closed: no more of them than needed, and of the last one only
 * what is still missing, in whole lots. Taking too much from winners is what automatic deleveraging is blamed for.
 */
export function deleverageSet(
  ranked: readonly Taker[],
  { needed, lot }: { readonly needed: bigint; readonly lot: bigint },
): DeleverageSet {
  const chosen: { readonly account: string; readonly size: bigint }[] = []
  const fallbacks: Taker[] = []
  let left = needed
  for (const taker of ranked) {
    const whole = taker.most - (taker.most % lot)
    if (whole <= 0n) continue
    if (left <= 0n) {
      fallbacks.push(taker)
      continue
    }
    const wanted = roundedUp(left, lot)
    const size = wanted < whole ? wanted : whole
    chosen.push({ account: taker.account, size })
    left -= size
  }
  return {
    chosen,
    fallbacks,
    missing: left > 0n ? left : 0n,
    excess: left < 0n ? -left : 0n,
  }
}

function roundedUp(amount: bigint, lot: bigint): bigint {
  return ((amount + lot - 1n) / lot) * lot
}
