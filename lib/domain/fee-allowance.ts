/** Whatever the work is worth, this part of it may be spent at once; the rest only as it gets late. */
const atOnce = { numerator: 1n, denominator: 2n } as const

/**
 * The most that a transaction may cost now, in the fee token's smallest unit: half of what its work is worth at first, in
 * even steps more, and all of it from half of the work's life on. Nothing once its life is over. Rounds down, in the
 * payer's favour. Undefined where nobody has said what the work is worth: then only the chain's own limit holds.
 */
export function feeAllowed(work: {
  readonly worth: bigint | undefined
  readonly ageMs: number
  readonly lifeMs: number
}): bigint | undefined {
  const { worth, ageMs, lifeMs } = work
  if (worth === undefined) return undefined
  if (ageMs >= lifeMs) return 0n
  const risesMs = BigInt(Math.max(1, Math.floor(lifeMs / 2)))
  const passedMs = BigInt(Math.max(0, Math.floor(ageMs)))
  if (passedMs >= risesMs) return worth
  const first = (worth * atOnce.numerator) / atOnce.denominator
  return first + ((worth - first) * passedMs) / risesMs
}
