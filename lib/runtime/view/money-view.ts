import { dayOf, daysBooked, type Sums, sumsOf } from '../../domain/pnl/daily-sums.ts'
import { fundRunway } from '../../domain/pnl/fund-runway.ts'
import { type LedgerCursor, type LedgerRow, placeOf } from '../../domain/pnl/ledger-row.ts'
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
  /** How far it is booked: the number of a block, or the id of a batch. */
  readonly upTo: { readonly unit: 'block' | 'batch'; readonly number: number }
  /** Of that one. */
  readonly bookedAt: number
  readonly won: number
  readonly hitPermille: number | undefined
  /** Of the accounts that we liquidated, our part of it, and what our orders paid of it to the exchange. */
  readonly penalty: string
  readonly reward: string
  readonly exchangeFees: string
  /** Liquidations, others' too, of which nobody tells the mark: they are in neither. */
  readonly unmarked: number
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
  const known = seen ?? fundBooked(cursor)
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

/** Nothing where the exchange tells of no fund. */
function fundBooked(cursor: LedgerCursor | undefined): FundSeen | undefined {
  if (cursor?.fund === undefined) return undefined
  const { fund: balance, block, decimals } = cursor
  return { balance, block: block.number, decimals: decimals.collateral }
}

export function todayView(week: WeekOfBooks, now: Timestamp): TodayView | undefined {
  const { cursor } = week
  if (!cursor) return undefined
  const day = dayOf(now)
  const rows = rowsOf(week.rows, day)
  const booked = { upTo: placeOf(cursor), bookedAt: cursor.blockAt }
  return { day, ...booked, ...earned(rows, sumsOf(rows), cursor) }
}

function earned(
  rows: readonly LedgerRow[],
  sums: Sums,
  { decimals }: LedgerCursor,
): Omit<TodayView, 'day' | 'upTo' | 'bookedAt'> {
  const usd = (amount: bigint): string => dollars(amount, decimals.collateral).toFixed(2)
  const penalty = rows.reduce(
    (sum, row) => sum + (row.kind === 'won' ? (row.event.penalty ?? 0n) : 0n),
    0n,
  )
  return {
    won: sums.won,
    hitPermille: sums.hitPermille,
    penalty: usd(penalty),
    reward: usd(sums.reward),
    exchangeFees: usd(sums.exchangeFees),
    unmarked: sums.unmarked,
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
