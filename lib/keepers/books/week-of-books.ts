import { dayMs, dayOf } from '../../domain/pnl/daily-sums.ts'
import type { LedgerCursor, LedgerRow } from '../../domain/pnl/ledger-row.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { Ledger } from '../../ports.ts'

/** Long enough to tell a fund's pace, short enough to be of now. */
export const weekDays = 7

/** What was booked of one exchange on the last seven days, today included. */
export type WeekOfBooks = {
  /** Undefined where nothing was booked yet. */
  readonly cursor: LedgerCursor | undefined
  readonly rows: readonly LedgerRow[]
}

export type WeeksOfBooks = (ledger: Ledger, engine: string, now: Timestamp) => Promise<WeekOfBooks>

/**
 * Reads the rows again only where the books have moved or the day has: whoever looks every second costs one small read. For
 * one ledger.
 */
export function weeksOfBooks(): WeeksOfBooks {
  const known = new Map<string, { readonly of: string; readonly week: WeekOfBooks }>()
  return async (ledger, engine, now) => {
    const cursor = await ledger.cursor(engine)
    if (!cursor) return { cursor, rows: [] }
    const day = dayOf(now)
    const of = `${cursor.version} ${day}`
    const before = known.get(engine)
    if (before?.of === of) return before.week
    const from = timestamp(Date.parse(`${day}T00:00:00Z`) - (weekDays - 1) * dayMs)
    const rows = await ledger.between(engine, from, timestamp(now + dayMs))
    const week = { cursor, rows }
    known.set(engine, { of, week })
    return week
  }
}
