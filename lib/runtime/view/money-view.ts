import { dayOf, daysBooked, type Sums, sumsOf } from '../../domain/pnl/daily-sums.ts'
import { fundRunway } from '../../domain/pnl/fund-runway.ts'
import type { LedgerCursor, LedgerRow } from '../../domain/pnl/ledger-row.ts'
import { dollars } from '../../domain/pnl/row-usd.ts'
import type { Timestamp } from '../../domain/time.ts'
import { type WeekOfBooks, weekDays } from '../../keepers/books/week-of-books.ts'

/** An exchange's insurance fund, in USD as text. */
export type FundView = {
  readonly balance: string
  /** Of the newest block that was looked at; else of the last that is booked. */
  readonly block: number
  /** By everybody's liquidations of today, as far as they are booked. */
  readonly inToday: string
  readonly outToday: string
  /** For a day, on average of the days that are booked, a week at most. */
  readonly inPerDay: string
  readonly outPerDay: string
  readonly overDays: number
  /** For how many whole days it lasts if all goes on so; undefined where it does not shrink. */
  readonly lastsDays: number | undefined
}

/** What was booked today (UTC), in USD as text. */
export type TodayView = {
  readonly day: string
  readonly block: number
  /** Of that block. */
  readonly bookedAt: number
  readonly won: number
  readonly hitPermille: number | undefined
  /** Of the accounts that we liquidated, and our part of it. */
  readonly penalty: string
  readonly reward: string
  readonly fees: string
  /** Fees of which nobody knows what they were worth. */
  readonly feesUnknown: number
  readonly net: string
  readonly noEffect: number
  readonly failureCost: string
  readonly missed: number
  readonly missedReward: string
  /** Why, as words, the most first. */
  readonly missedWhy: readonly { readonly why: string; readonly count: number }[]
  readonly deleveraged: number
}

/** The exchange's own word, of its newest block. */
export type FundSeen = {
  readonly balance: bigint
  readonly block: number
  readonly decimals: number
}

export function fundView(
  { cursor, rows }: WeekOfBooks,
  seen: FundSeen | undefined,
  now: Timestamp,
): FundView | undefined {
  const known =
    seen ??
    (cursor && {
      balance: cursor.fund,
      block: cursor.block.number,
      decimals: cursor.decimals.collateral,
    })
  if (!known) return undefined
  const usd = (amount: bigint): string => dollars(amount, known.decimals).toFixed(2)
  const today = sumsOf(rowsOf(rows, dayOf(now)))
  const overDays = daysBooked(rows, now, weekDays)
  const pace = fundRunway(known.balance, sumsOf(rows), overDays)
  return {
    balance: usd(known.balance),
    block: known.block,
    inToday: usd(today.fundIn),
    outToday: usd(today.fundOut),
    inPerDay: usd(pace.inPerDay),
    outPerDay: usd(pace.outPerDay),
    overDays,
    lastsDays: pace.days,
  }
}

export function todayView(week: WeekOfBooks, now: Timestamp): TodayView | undefined {
  const { cursor } = week
  if (!cursor) return undefined
  const day = dayOf(now)
  const rows = rowsOf(week.rows, day)
  return { day, ...booked(cursor), ...earned(rows, sumsOf(rows), cursor) }
}

function booked({ block, blockAt }: LedgerCursor): Pick<TodayView, 'block' | 'bookedAt'> {
  return { block: block.number, bookedAt: blockAt }
}

function earned(
  rows: readonly LedgerRow[],
  sums: Sums,
  { decimals }: LedgerCursor,
): Omit<TodayView, 'day' | 'block' | 'bookedAt'> {
  const usd = (amount: bigint): string => dollars(amount, decimals.collateral).toFixed(2)
  const penalty = rows.reduce((sum, row) => sum + (row.kind === 'won' ? row.event.penalty : 0n), 0n)
  return {
    won: sums.won,
    hitPermille: sums.hitPermille,
    penalty: usd(penalty),
    reward: usd(sums.reward),
    fees: sums.feesUsd.toFixed(2),
    feesUnknown: sums.feesUnknown,
    net: dollars(sums.reward, decimals.collateral).sub(sums.feesUsd).toFixed(2),
    noEffect: Object.values(sums.noEffect).reduce((all, count) => all + count, 0),
    failureCost: sums.failureFeesUsd.toFixed(2),
    missed: sums.missed,
    missedReward: usd(sums.missedReward),
    missedWhy: Object.entries(sums.missedWhy)
      .map(([why, count]) => ({ why, count }))
      .toSorted((one, other) => other.count - one.count),
    deleveraged: sums.deleveraged,
  }
}

function rowsOf(rows: readonly LedgerRow[], day: string): readonly LedgerRow[] {
  return rows.filter(({ at }) => dayOf(at) === day)
}
