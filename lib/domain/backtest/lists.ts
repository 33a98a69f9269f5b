import type { Listed } from './backtest-result.ts'

/** The largest of many, by a size that each has. */
export type ListState<T> = { all: number; kept: { readonly size: number; readonly one: T }[] }

export function openList<T>(): ListState<T> {
  return { all: 0, kept: [] }
}

/** Keeps it while it may be among the `most` largest. */
export function addOne<T>(list: ListState<T>, most: number, size: number, one: T): void {
  list.all += 1
  list.kept.push({ size, one })
  if (list.kept.length >= 2 * most + 32) list.kept = largest(list.kept, most)
}

/** In the order of time: they were added so. */
export function listedOf<T>(
  { all, kept }: ListState<T>,
  most: number,
  by: 'longest' | 'largest',
): Listed<T> {
  const listed = kept.length > most ? largest(kept, most) : kept
  return { all, by: all > listed.length ? by : 'all', listed: listed.map(({ one }) => one) }
}

/** The earlier of equals; their order stays. */
function largest<K extends { readonly size: number }>(kept: readonly K[], most: number): K[] {
  const ranked = kept
    .map((one, at) => ({ one, at }))
    .toSorted((a, b) => b.one.size - a.one.size || a.at - b.at)
  return ranked
    .slice(0, most)
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one)
}
