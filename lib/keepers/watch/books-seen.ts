import * as z from 'zod/mini'

import { daysBooked, sumsOf } from '../../domain/pnl/daily-sums.ts'
import { fundRunway } from '../../domain/pnl/fund-runway.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { CountedBatches, Store } from '../../ports.ts'
import { type WeeksOfBooks, weekDays } from '../books/week-of-books.ts'
import { seen } from './seen.ts'
import type { BooksSeen } from './watch-view.ts'

/** Long enough for a share to mean something, short enough to be of now. */
const latelyMs = 60 * 60_000

/** What `liquidate` saw last of an exchange, and what its books say; undefined where there is neither. */
export async function booksSeen(
  { history, ledger }: Pick<Store, 'history' | 'ledger'>,
  weekOf: WeeksOfBooks,
  {
    engine,
    now,
    counted,
  }: {
    readonly engine: string
    readonly now: Timestamp
    /** Where batches are booked. */
    readonly counted?: Pick<CountedBatches, 'countedSince'> | undefined
  },
): Promise<BooksSeen | undefined> {
  const [[entry], { cursor, rows }] = await Promise.all([
    history.recent('liquidate', engine, 1),
    weekOf(ledger, engine, now),
  ])
  const slot = entry && slotOf(entry.view, entry.decided)
  if (!slot && !cursor) return undefined
  const balance = slot?.fund ?? cursor?.fund
  const decimals = slot?.decimals ?? cursor?.decimals.collateral ?? 0
  const days = daysBooked(rows, now, weekDays)
  const { won, missed, missedWhy } = sumsOf(rows.filter(({ at }) => at > now - latelyMs))
  return {
    engine,
    slot: entry && slot && { ...slot.counts, at: entry.at },
    fund:
      balance === undefined
        ? undefined
        : { balance, decimals, lastsDays: fundRunway(balance, sumsOf(rows), days).days },
    lately: { since: timestamp(now - latelyMs), won, missed, why: missedWhy },
    booked: cursor && { block: cursor.block.number, blockAt: cursor.blockAt },
    ...(counted &&
      cursor && { waitsSince: await seen(async () => counted.countedSince(cursor.block)) }),
  }
}

const big = z.string().check(z.regex(/^-?\d+$/))

const View = z.object({
  look: z.object({ insuranceFund: z.optional(big), dollar: big }),
  index: z.optional(z.object({ accounts: z.int() })),
  candidates: z.array(z.unknown()),
  unasked: z.int(),
  looked: z.optional(z.object({ candidates: z.int() })),
  inFlight: z.array(z.string()),
})

const Decided = z.object({
  plan: z.optional(z.object({ liquidatable: z.int(), bankrupt: z.int() })),
})

/** Only numbers for rules and drawings: a row of another version says nothing. */
function slotOf(view: string, decided: string) {
  const looked = View.safeParse(JSON.parse(view))
  const plan = Decided.safeParse(JSON.parse(decided))
  if (!looked.success || !plan.success) return undefined
  const { look, index, candidates, unasked, looked: scan, inFlight } = looked.data
  return {
    // A StarkEx exchange tells of none.
    fund: look.insuranceFund === undefined ? undefined : BigInt(look.insuranceFund),
    decimals: look.dollar.length - 1,
    counts: {
      accounts: index?.accounts,
      candidates: scan?.candidates ?? candidates.length + unasked,
      liquidatable: (plan.data.plan?.liquidatable ?? candidates.length) + unasked,
      bankrupt: plan.data.plan?.bankrupt ?? 0,
      inFlight: inFlight.length,
    },
  }
}
