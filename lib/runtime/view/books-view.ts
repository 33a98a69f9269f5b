import { type DailySums, dailySums, dayMs, type Sums, sumsOf } from '../../domain/pnl/daily-sums.ts'
import { type FundRunway, fundRunway } from '../../domain/pnl/fund-runway.ts'
import type { LedgerCursor, LedgerRow } from '../../domain/pnl/ledger-row.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { Store } from '../../ports.ts'
import type { Network } from '../network/schema.ts'
import { bookedEngines } from '../world/schedules.ts'

/** What was booked of one exchange in some time. */
export type BooksOf = {
  readonly engine: string
  /** Undefined where nothing was booked yet. */
  readonly cursor: LedgerCursor | undefined
  readonly days: readonly DailySums[]
  readonly sums: Sums
  /** Undefined with the cursor, and where the exchange tells of none. */
  readonly fund: FundRunway | undefined
  readonly rows: readonly LedgerRow[]
}

export async function booksView({
  network,
  store,
  from,
  to,
}: {
  readonly network: Pick<Network, 'engines' | 'chains'>
  readonly store: Pick<Store, 'ledger'>
  readonly from: Timestamp
  readonly to: Timestamp
}): Promise<readonly BooksOf[]> {
  return Promise.all(
    bookedEngines(network).map(async (engine) => {
      const [cursor, rows] = await Promise.all([
        store.ledger.cursor(engine),
        store.ledger.between(engine, from, to),
      ])
      const sums = sumsOf(rows)
      const days = Math.max(1, Math.ceil((to - from) / dayMs))
      const balance = cursor?.fund
      const fund = balance === undefined ? undefined : fundRunway(balance, sums, days)
      return { engine, cursor, days: dailySums(rows), sums, fund, rows }
    }),
  )
}
