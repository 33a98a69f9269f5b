import type { ProgressSight } from '../../domain/watch/system-sight.ts'
import type { ChainRow } from './remembered.ts'

/** A step for each row of that name, in the ranges that this look read. */
export function stepsOf(
  name: string,
  rows: readonly ChainRow[],
  ranges: readonly { readonly from: number; readonly through: number }[],
  what: (row: ChainRow) => string,
): readonly ProgressSight[] {
  return ranges.map(({ from, through }) => ({
    name,
    from,
    through,
    steps: rows
      .filter((row) => row.name === name && from <= row.position && row.position <= through)
      .map((row) => ({ position: row.position, at: row.at, what: what(row) })),
  }))
}
