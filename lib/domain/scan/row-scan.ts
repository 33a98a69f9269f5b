import type { Chunk } from './account-rows.ts'
import { factorsAt, foundAt, type Grow, plainGrow, type ScanViews } from './scan-memory.ts'

/** Who looks through rows, and the memory that they stand in. All give the same answer, to the last bit. */
export type RowScan = {
  readonly grow: Grow
  /** Writes to `foundAt` which rows of the chunk are not surely safe, ascending, and says how many they are. */
  readonly scan: (chunk: Chunk, views: ScanViews) => number
}

/**
 * A holding's value, its requirement and its funding are each rounded by less than one unit, the requirement's value by
 * one more, and its funding in the constant by one.
 */
const unitsPerHolding = 5

/** Half a unit in the last place: what one operation on doubles may be off, relatively. */
const halfUlp = 2 ** -53

/**
 * A row's margin is C + Σ b·q. With n holdings, each term is off by at most 5 half ulps (b, q's two parts and quotient, the
 * product) and takes part in at most n additions, so that the sum is off by less than (n + 6) half ulps of s = |C| + Σ |b·q|;
 * twice that also covers the rounding of s itself. A row is surely safe only when its sum exceeds this share of s and all
 * whole-unit roundings: what is no number never does.
 */
export function boundOf(holdings: number): { readonly share: number; readonly units: number } {
  return { share: 2 * (holdings + 6) * halfUlp, units: unitsPerHolding * holdings }
}

/** In plain TypeScript: for where there is no WebAssembly, and to compare with. */
export function plainScan(): RowScan {
  return {
    grow: plainGrow(),
    scan: ({ holdings, rows, constantsAt, balancesAt, columnsAt }, { doubles, words, halves }) => {
      const { share, units } = boundOf(holdings)
      const factors = factorsAt / 8
      let count = 0
      for (let row = 0; row < rows; row++) {
        const place = (row - (row & 1)) * holdings + (row & 1)
        const constant = doubles[constantsAt / 8 + row] ?? Number.NaN
        let margin = constant
        let size = Math.abs(constant)
        for (let at = place; at < place + 2 * holdings; at += 2) {
          const factor = doubles[factors + (halves[columnsAt / 2 + at] ?? 0)] ?? Number.NaN
          const term = (doubles[balancesAt / 8 + at] ?? Number.NaN) * factor
          margin += term
          size += Math.abs(term)
        }
        if (margin > share * size + units) continue
        words[foundAt / 4 + count] = row
        count += 1
      }
      return count
    },
  }
}
