/** What the exchange would say to a size: `isForMoney` where a smaller one may be taken. */
export type SizeVerdict<Accepted> =
  | ({ readonly kind: 'accepted' } & Accepted)
  | { readonly kind: 'refused'; readonly reason: string; readonly isForMoney: boolean }

export type LargestPart<Accepted> =
  | { readonly kind: 'possible'; readonly size: bigint; readonly accepted: Accepted }
  | { readonly kind: 'refused'; readonly reason: string }

/** Below a thousandth of what may be taken nobody tries. */
const mostHalvings = 10n

/** So often the room between what is accepted and what is not is halved: a sixty-fourth of it is left. */
const steps = 6

/**
 * As much of a position as the exchange takes, up to `most`: less than that where the insurance fund or the liquidator has
 * too little money for more. Liquidation and deleverage both ask this, so that whoever the one leaves is the other's.
 */
export function largestPart<Accepted>(
  most: bigint,
  judge: (size: bigint) => SizeVerdict<Accepted>,
): LargestPart<Accepted> {
  let reason = 'ZeroAmount'
  for (let halvings = 0n; halvings <= mostHalvings; halvings += 1n) {
    const size = most >> halvings
    const verdict = judge(size)
    if (verdict.kind === 'accepted') {
      const found = { kind: 'possible', size, accepted: verdict } as const
      return halvings === 0n ? found : grown(found, most >> (halvings - 1n), judge)
    }
    if (!verdict.isForMoney)
      return { kind: 'refused', reason: halvings === 0n ? verdict.reason : reason }
    reason = verdict.reason
  }
  return { kind: 'refused', reason }
}

function grown<Accepted>(
  found: Extract<LargestPart<Accepted>, { kind: 'possible' }>,
  refused: bigint,
  judge: (size: bigint) => SizeVerdict<Accepted>,
): LargestPart<Accepted> {
  let best = found
  let tooLarge = refused
  for (let step = 0; step < steps; step += 1) {
    const size = (best.size + tooLarge) / 2n
    const verdict = judge(size)
    if (verdict.kind === 'accepted') best = { kind: 'possible', size, accepted: verdict }
    else tooLarge = size
  }
  return best
}
