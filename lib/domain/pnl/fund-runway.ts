import type { Sums } from './daily-sums.ts'

export type FundRunway = {
  /** For a day, on average. */
  readonly inPerDay: bigint
  readonly outPerDay: bigint
  /** For how many whole days the balance lasts if all goes on as in these; undefined where it grows. */
  readonly days: number | undefined
}

/** How long the insurance fund lasts at the rate of some days. Liquidations alone: what else fills it nobody can count on. */
export function fundRunway(
  balance: bigint,
  { fundIn, fundOut }: Pick<Sums, 'fundIn' | 'fundOut'>,
  days: number,
): FundRunway {
  const over = BigInt(Math.max(1, days))
  const net = fundOut - fundIn
  return {
    inPerDay: fundIn / over,
    outPerDay: fundOut / over,
    days: net <= 0n ? undefined : Number((balance * over) / net),
  }
}
