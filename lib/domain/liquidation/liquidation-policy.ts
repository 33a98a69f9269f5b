/** How far one deployment's liquidations may go, from the network file. Money is in whole dollars. */
export type LiquidationPolicy = {
  /** The most accounts of one slot. */
  readonly mostPerSlot: number
  /** The most notional of one slot. */
  readonly mostNotionalUsd: number
  /** What a liquidation must bring at least; an account with less than nothing left is taken for nothing too. */
  readonly leastRewardUsd: number
}

export type Skipped = {
  readonly account: string
  /** A word: `reward`, `budget`, `resting`, `in-flight`, or the exchange's own refusal. */
  readonly why: string
}
