import { timestamp, type Timestamp } from './time.ts'

/** What an account's transactions have cost lately. */
export type Spending = {
  readonly since: Timestamp
  readonly until: Timestamp
  /** In the fee token's smallest unit. */
  readonly fees: bigint
  readonly transactions: number
}

const dayMs = 24 * 60 * 60_000

/** Old enough to even out the hours of a day, young enough to follow a market. */
const windowMs = dayMs

/** With one more transaction. What is older than a day counts half, so that the sum follows what things cost now. */
export function spent(before: Spending | undefined, fee: bigint, now: Timestamp): Spending {
  if (!before) return { since: now, until: now, fees: fee, transactions: 1 }
  const until = timestamp(Math.max(now, before.until))
  const sum = { ...before, until, fees: before.fees + fee, transactions: before.transactions + 1 }
  if (until - before.since < windowMs) return sum
  return {
    since: timestamp(before.since + Math.floor((until - before.since) / 2)),
    until,
    fees: sum.fees / 2n,
    transactions: sum.transactions / 2,
  }
}

/** What a day costs at that rate, rounded down; undefined while too little was seen to tell: less than an hour. */
export function feesPerDay({ fees, since, until }: Spending): bigint | undefined {
  const seenMs = until - since
  return seenMs < leastSeenMs ? undefined : (fees * BigInt(dayMs)) / BigInt(seenMs)
}

/** How long a balance lasts at that rate. */
export type Runway = {
  /** Whole transactions at their usual cost, rounded down. */
  readonly transactions: number
  /** Undefined while too little was seen to tell: less than an hour. */
  readonly days: number | undefined
}

/** Shorter, and one busy minute would look like a day. */
const leastSeenMs = 60 * 60_000

/** Undefined where nothing was spent yet. */
export function runway(balance: bigint, spending: Spending | undefined): Runway | undefined {
  if (!spending || spending.fees <= 0n) return undefined
  const { fees, since, until } = spending
  // In thousandths: half-counted transactions are fractions.
  const thousandths = BigInt(Math.round(spending.transactions * 1_000))
  const transactions = Number((balance * thousandths) / (fees * 1_000n))
  const seenMs = until - since
  if (seenMs < leastSeenMs) return { transactions, days: undefined }
  const lastsMs = Number((balance * BigInt(seenMs)) / fees)
  return { transactions, days: lastsMs / dayMs }
}
