/** One transaction's part of one engine's work, and what the whole transaction cost. */
export type PaidPush = {
  readonly hash: string
  readonly engine: string
  /** What it told. */
  readonly markets: readonly string[]
  /** In the fee token's smallest unit. */
  readonly feePaid: bigint
}

/** What telling one market's price to one engine has cost. */
export type PushCost = {
  readonly engine: string
  readonly market: string
  readonly pushes: number
  readonly fees: bigint
}

/**
 * What each market's pushes have cost, the dearest first: every price in a transaction bears the same part of its fee,
 * rounded down. Several pieces of work in one transaction share its fee once.
 */
export function pushCosts(paid: readonly PaidPush[]): readonly PushCost[] {
  const costs = new Map<string, PushCost>()
  for (const together of Map.groupBy(paid, ({ hash }) => hash).values()) {
    const prices = together.flatMap(({ engine, markets }) =>
      markets.map((market) => ({ engine, market })),
    )
    const [first] = together
    if (!first || prices.length === 0) continue
    const part = first.feePaid / BigInt(prices.length)
    for (const { engine, market } of prices) {
      const name = `${engine} ${market}`
      const { pushes = 0, fees = 0n } = costs.get(name) ?? {}
      costs.set(name, { engine, market, pushes: pushes + 1, fees: fees + part })
    }
  }
  return [...costs.values()].toSorted((a, b) => Number(b.fees - a.fees))
}
