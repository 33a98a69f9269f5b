/** One account of an exchange, in that exchange's own whole units. */
export type Account = {
  /** As the exchange names it: a position's number, or an address in lower case. */
  readonly id: string
  /** Cash, before the funding that no holding has settled yet. */
  readonly collateral: bigint
  /** None of them zero, each asset once. */
  readonly holdings: readonly Holding[]
}

export type Holding = {
  /** As the exchange names it: an asset's id, or a feed's. */
  readonly asset: string
  /** Below zero for a short. */
  readonly balance: bigint
  /** The asset's funding index up to which it has paid. */
  readonly fundingIndex: bigint
  /** What it cost, in collateral: profit is value less cost. Absent where the exchange does not keep it. */
  readonly cost?: bigint
}

/** What an account is worth, and what it must be worth to be left alone. */
export type Margin = {
  /** TV: may be below zero. */
  readonly value: bigint
  /** TR, the maintenance margin. */
  readonly requirement: bigint
}

/** `liquidatable` accounts are below the requirement, `bankrupt` ones below zero (they may be deleveraged too). */
export type Health = 'healthy' | 'liquidatable' | 'bankrupt'

export function healthOf({ value, requirement }: Margin): Health {
  if (value < 0n) return 'bankrupt'
  return value < requirement ? 'liquidatable' : 'healthy'
}
