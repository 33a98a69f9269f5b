import type { Account } from '../margin/account.ts'

/** One asset as the scan reckons with it: each number over its scale. */
export type ScanMark = {
  /** Collateral units per unit of balance. */
  readonly price: bigint
  readonly priceScale: bigint
  /** The steepest factor that any holding of the asset may meet, at most `riskScale`. */
  readonly risk: bigint
  readonly riskScale: bigint
  /** A holding is owed balance · (its own index - this one) over the book's scale. */
  readonly fundingIndex: bigint
}

export type ScanMarks = ReadonlyMap<string, ScanMark>

/** The accounts of one exchange, kept so that all of them can be compared with new marks. */
export type MarginBook = {
  readonly upsert: (account: Account) => void
  readonly remove: (id: string) => void
  /** The accounts that may be below their requirement, and never fewer than are: ask the exact rule about each. */
  readonly candidates: (marks: ScanMarks) => readonly string[]
}

/**
 * A holding's value, its requirement and its funding are each rounded by less than one unit, the requirement's value by
 * one more, and its funding constant here by one.
 */
const unitsPerHolding = 5

/** Half a unit in the last place: what one operation on doubles may be off, relatively. */
const halfUlp = 2 ** -53

type Row = {
  readonly constant: number
  /** Two for each asset: the long side, then the short one. */
  readonly columns: Uint32Array
  readonly balances: Float64Array
}

/**
 * An empty book. The margin of an account is C + Σ b·q with one q for each asset and side. With n holdings, each term is
 * off by at most 5 half ulps (b, q's two parts and quotient, the product) and takes part in at most n additions, so that
 * the sum is off by less than (n + 6) half ulps of s = |C| + Σ |b·q|; twice that also covers the rounding of s itself. An
 * account is left out only when its sum exceeds this and all whole-unit roundings: what is no number never does.
 */
export function openBook(fundingScale: bigint): MarginBook {
  const rows = new Map<string, Row>()
  const columnOf = new Map<string, number>()

  return {
    upsert: ({ id, collateral, holdings }) => {
      let constant = collateral
      const columns = new Uint32Array(holdings.length)
      for (const [at, { asset, balance, fundingIndex }] of holdings.entries()) {
        const column = columnOf.get(asset) ?? 2 * columnOf.size
        columnOf.set(asset, column)
        columns[at] = balance < 0n ? column + 1 : column
        constant += (balance * fundingIndex) / fundingScale
      }
      const balances = Float64Array.from(holdings, ({ balance }) => Number(balance))
      rows.set(id, { constant: Number(constant), columns, balances })
    },
    remove: (id) => void rows.delete(id),
    candidates: (marks) => {
      const factors = new Float64Array(2 * columnOf.size).fill(Number.NaN)
      for (const [asset, column] of columnOf) {
        const mark = marks.get(asset)
        if (!mark) continue
        factors[column] = factorOf(mark, -mark.risk, fundingScale)
        factors[column + 1] = factorOf(mark, mark.risk, fundingScale)
      }
      return [...rows].filter(([, row]) => !isSurelySafe(row, factors)).map(([id]) => id)
    },
  }
}

/** What one unit of balance adds to the margin, reckoned in whole numbers up to the last division. */
function factorOf(mark: ScanMark, risk: bigint, fundingScale: bigint): number {
  const { price, priceScale, riskScale, fundingIndex } = mark
  const valued = price * (riskScale + risk) * fundingScale
  const divisor = Number(priceScale * riskScale * fundingScale)
  if (!Number.isFinite(divisor)) return Number.NaN
  return Number(valued - fundingIndex * priceScale * riskScale) / divisor
}

function isSurelySafe({ constant, columns, balances }: Row, factors: Float64Array): boolean {
  const count = columns.length
  let margin = constant
  let size = Math.abs(constant)
  for (let at = 0; at < count; at++) {
    const term = (balances[at] ?? Number.NaN) * (factors[columns[at] ?? -1] ?? Number.NaN)
    margin += term
    size += Math.abs(term)
  }
  return margin > 2 * (count + 6) * halfUlp * size + unitsPerHolding * count
}
