/**
 * How far each column's factor is from a base, in buckets of which less is worse: a long's factor that falls and a short's
 * that rises both count down.
 */
export type MoveColumns = {
  readonly grow: (columns: number) => void
  readonly placeOf: (column: number, factor: number) => number
  /** What one bucket is, of a factor. */
  readonly unitOf: (column: number) => number
  /** Whether holdings can be put into its buckets while its factor is this. */
  readonly isInRange: (column: number, factor: number) => boolean
  /** From now on it counts from here. Nobody may be in its buckets. */
  readonly rebase: (column: number, factor: number) => void
}

export const bucketsEach = 512

/** Half a tenth of a percent: finer ones are crossed more often, in coarser ones there are more accounts. */
const bucketShare = 2 ** -11

/** A factor of zero has no share: any move at all then leads to a new base. */
const leastUnit = 2 ** -1_000

export function openMoveColumns(): MoveColumns {
  let bases = new Float64Array(0)

  function unitOf(column: number): number {
    return Math.max(Math.abs(bases[column] ?? Number.NaN) * bucketShare, leastUnit)
  }

  function placeOf(column: number, factor: number): number {
    const moved = (factor - (bases[column] ?? Number.NaN)) / unitOf(column)
    return bucketsEach / 2 + (column % 2 === 0 ? moved : -moved)
  }

  return {
    grow: (columns) => {
      if (columns <= bases.length) return
      const longer = new Float64Array(Math.max(columns, 2 * bases.length)).fill(Number.NaN)
      longer.set(bases)
      bases = longer
    },
    placeOf,
    unitOf,
    isInRange: (column, factor) => {
      const place = placeOf(column, factor)
      return place >= 1 && place < bucketsEach
    },
    rebase: (column, factor) => {
      bases[column] = factor
    },
  }
}
