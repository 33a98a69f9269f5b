import type { Sums } from '../domain/pnl/daily-sums.ts'
import { type LedgerCursor, placeOf } from '../domain/pnl/ledger-row.ts'
import { dollars } from '../domain/pnl/row-usd.ts'
import type { BooksOf } from '../runtime/view/books-view.ts'

/** A table of days for each exchange, and how its insurance fund does. */
export function pnlLines(books: readonly BooksOf[]): readonly string[] {
  if (books.length === 0) return ['The network file liquidates on no exchange.']
  return books.flatMap(linesOf)
}

const columns = ['day', 'won', 'hit', 'reward', 'fees', 'net', 'failed', 'cost', 'missed', 'lost']

function linesOf({ engine, cursor, days, sums, fund }: BooksOf): readonly string[] {
  if (!cursor) return [`${engine}: nothing is booked yet`]
  const usd = (amount: bigint): string => dollars(amount, cursor.decimals.collateral).toFixed(2)
  const cells = (name: string, of: Sums): readonly string[] => [
    name,
    String(of.won),
    of.hitPermille === undefined ? '-' : `${of.hitPermille / 10} %`,
    usd(of.reward),
    of.feesUsd.toFixed(2),
    dollars(of.reward, cursor.decimals.collateral).sub(of.feesUsd).toFixed(2),
    String(Object.values(of.noEffect).reduce((sum, count) => sum + count, 0)),
    of.failureFeesUsd.toFixed(2),
    String(of.missed),
    usd(of.missedReward),
  ]
  const { unit, number } = placeOf(cursor)
  const why = Object.entries(sums.missedWhy).map(([word, count]) => `${count} ${word}`)
  return [
    `${engine}, booked up to ${unit} ${number}; in USD`,
    ...table([columns, ...days.map((day) => cells(day.day, day)), cells('all', sums)]),
    ...(why.length === 0 ? [] : [`missed: ${why.join(', ')}`]),
    ...(sums.feesUnknown === 0
      ? []
      : [`${sums.feesUnknown} fees are of unknown worth: no price of that time, or not told`]),
    ...(sums.unmarked === 0
      ? []
      : [
          `${sums.unmarked} liquidations are of unknown reward: nobody tells the mark of their time`,
        ]),
    ...(sums.exchangeFees === 0n
      ? []
      : [`orders paid ${usd(sums.exchangeFees)} to the exchange, which rewards are without`]),
    ...fundLines(fund, cursor, usd),
  ]
}

function fundLines(
  fund: BooksOf['fund'],
  { fund: balance }: LedgerCursor,
  usd: (amount: bigint) => string,
): readonly string[] {
  if (!fund || balance === undefined) return ['the exchange tells of no insurance fund']
  const lasts = fund.days === undefined ? 'it does not shrink' : `it lasts ${fund.days} days`
  const [inPerDay, outPerDay] = [usd(fund.inPerDay), usd(fund.outPerDay)]
  return [`insurance fund ${usd(balance)}; each day ${inPerDay} in, ${outPerDay} out; ${lasts}`]
}

/** Aligned: names to the left, numbers to the right. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  )
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}
