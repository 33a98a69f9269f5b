import type { Listed } from '../../domain/backtest/backtest-result.ts'
import { numberText } from './words.ts'

/** As many as people read in a table. */
const mostRows = 50

/**
 * What a table shows of a list: all, or the largest, in the order of time; and a note where there are more.
 * `word` says by what: `longest`, `largest`.
 */
export function chosenRows<T>(
  { all, listed }: Listed<T>,
  {
    size,
    word,
    file,
  }: { readonly size: (one: T) => number; readonly word: string; readonly file: string },
): { readonly rows: readonly T[]; readonly note?: string } {
  if (listed.length <= mostRows && all <= listed.length) return { rows: listed }
  const rows = listed
    .map((one, place) => ({ one, place }))
    .toSorted((a, b) => size(b.one) - size(a.one))
    .slice(0, mostRows)
    .toSorted((a, b) => a.place - b.place)
    .map(({ one }) => one)
  const kept = listed.length < all ? numberText(listed.length) : 'all'
  return {
    rows,
    note: `The ${numberText(rows.length)} ${word} of ${numberText(all)}; ${kept} are in ${file}.`,
  }
}
