import { accountsDay } from './accounts-day.ts'
import { type DayBook, dayBook } from './followed.ts'
import { pricesDay } from './prices-day.ts'
import { provingDay } from './proving-day.ts'
import { upkeepDay } from './upkeep-day.ts'

export type ReplayedDay = {
  readonly book: DayBook
  readonly prices: Awaited<ReturnType<typeof pricesDay>>
  readonly proving: Awaited<ReturnType<typeof provingDay>>
  readonly accounts: Awaited<ReturnType<typeof accountsDay>>
  readonly upkeep: Awaited<ReturnType<typeof upkeepDay>>
}

/** Hours of everything that can be simulated, each slot decided again from what was kept of it. */
export async function replayedDay({
  seed,
  hours,
  onHour,
}: {
  readonly seed: number
  readonly hours: number
  readonly onHour?: (world: string, hour: number) => void
}): Promise<ReplayedDay> {
  const book = dayBook()
  const of = (world: string) => ({
    seed,
    hours,
    onHour: (hour: number) => onHour?.(world, hour),
  })
  const prices = await pricesDay(book, of('prices'))
  const proving = await provingDay(book, of('proving'))
  const accounts = await accountsDay(book, of('accounts'))
  const upkeep = await upkeepDay(book, of('upkeep'))
  return { book, prices, proving, accounts, upkeep }
}
