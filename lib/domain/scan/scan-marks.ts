import { mostColumns } from './scan-memory.ts'

/** One asset as the scan reckons with it: each number over its scale. */
export type ScanMark = {
  /** Collateral units per unit of balance. */
  readonly price: bigint
  readonly priceScale: bigint
  /** Ascending: what share of its value a holding of this size or more may need, at most `riskScale`. The first is from 0. */
  readonly risks: readonly { readonly from: bigint; readonly risk: bigint }[]
  readonly riskScale: bigint
  /** The risk may be taken off the value itself rather than be required beside it. */
  readonly isDiscounted?: true
  /** A holding is owed balance · (its own index - this one) over the book's scale. Absent where nobody pays funding. */
  readonly fundingIndex?: bigint
}

export type ScanMarks = ReadonlyMap<string, ScanMark>

/**
 * A column for each asset, side and length of the balance in bits: all holdings in it meet at most the risk that the largest
 * of that length meets, so that tiers cost a little care and no branch. Long columns are even, short ones odd.
 */
export type ScanColumns = {
  readonly count: number
  /** Undefined where there are no more columns. */
  readonly columnOf: (asset: string, balance: number, isIndexed: boolean) => number | undefined
  /** What one unit of balance adds to the margin, for each column: no number where that cannot be said. */
  readonly write: (marks: ScanMarks, factors: Float64Array) => void
  /** What holdings are worth, for each column, whatever is required of them. */
  readonly worths: (marks: ScanMarks) => Worths
}

/** For each column, in collateral for one unit of balance. */
export type Worths = {
  /** No number where the asset has no mark: then nothing can be said of its holders. */
  readonly prices: Float64Array
  /** What it adds to an account's value, with its funding: no number where that cannot be said in doubles. */
  readonly values: Float64Array
  /** How much less that may be, by its size: zero but for those that are discounted. */
  readonly discounts: Float64Array
}

/** Beyond that a quotient or a product might lose digits below the smallest normal double. */
const largestDivisor = 2 ** 900

type Asset = {
  /** The even column for each length in bits. */
  readonly pairs: Map<number, number>
  /** Some holding's own funding index was not zero. */
  isIndexed: boolean
}

function newAsset(): Asset {
  return { pairs: new Map(), isIndexed: false }
}

/** No columns yet: an asset has one as soon as somebody holds it. */
export function openColumns(fundingScale: bigint): ScanColumns {
  const assets = new Map<string, Asset>()
  // The first pair is nobody's.
  let count = 2

  return {
    get count() {
      return count
    },
    columnOf: (name, balance, isIndexed) => {
      const asset = assets.get(name) ?? newAsset()
      assets.set(name, asset)
      asset.isIndexed ||= isIndexed
      const bits = bitsOf(Math.abs(balance))
      let pair = asset.pairs.get(bits)
      if (pair === undefined) {
        if (count + 2 > mostColumns) return undefined
        pair = count
        asset.pairs.set(bits, pair)
        count += 2
      }
      return balance < 0 ? pair + 1 : pair
    },
    write: (marks, factors) => {
      factors.fill(0, 0, 2)
      for (const [name, { pairs, isIndexed }] of assets) {
        const mark = marks.get(name)
        const isSaid = mark && (mark.fundingIndex !== undefined || !isIndexed)
        const steps = isSaid ? stepsOf(mark, fundingScale) : []
        for (const [bits, pair] of pairs) {
          const step = steps.findLast(({ fromBits }) => fromBits <= bits)
          factors[pair] = step?.long ?? Number.NaN
          factors[pair + 1] = step?.short ?? Number.NaN
        }
      }
    },
    worths: (marks) => {
      const [prices, values, discounts] = [0, 0, 0].map(() => new Float64Array(count))
      if (!prices || !values || !discounts) throw new RangeError('there are three of them')
      for (const [name, { pairs, isIndexed }] of assets) {
        const mark = marks.get(name)
        const isSaid = mark && (mark.fundingIndex !== undefined || !isIndexed)
        const value = isSaid ? factorOf(mark, 0n, fundingScale) : Number.NaN
        const steps = mark?.isDiscounted ? stepsOf(mark, fundingScale) : []
        for (const [bits, pair] of pairs) {
          const step = steps.findLast(({ fromBits }) => fromBits <= bits)
          prices.fill(
            mark ? Number(mark.price) / Number(mark.priceScale) : Number.NaN,
            pair,
            pair + 2,
          )
          values.fill(value, pair, pair + 2)
          discounts.fill(step ? value - step.long : 0, pair, pair + 2)
        }
      }
      return { prices, values, discounts }
    },
  }
}

type Step = { readonly fromBits: number; readonly long: number; readonly short: number }

/** Each step's factors, with the steepest risk up to it. */
function stepsOf(mark: ScanMark, fundingScale: bigint): readonly Step[] {
  let steepest = 0n
  return mark.risks.map(({ from, risk }) => {
    steepest = risk > steepest ? risk : steepest
    return {
      fromBits: from === 0n ? 0 : from.toString(2).length,
      long: factorOf(mark, -steepest, fundingScale),
      short: factorOf(mark, steepest, fundingScale),
    }
  })
}

/** In whole numbers up to the last division. */
function factorOf(mark: ScanMark, risk: bigint, fundingScale: bigint): number {
  const { price, priceScale, riskScale, fundingIndex = 0n } = mark
  const valued = price * (riskScale + risk) * fundingScale
  const divisor = Number(priceScale * riskScale * fundingScale)
  if (divisor > largestDivisor) return Number.NaN
  return Number(valued - fundingIndex * priceScale * riskScale) / divisor
}

const double = new Float64Array(1)
const halves = new Uint32Array(double.buffer)

/** The least n with size < 2^n, of a whole number: a double's own exponent. */
function bitsOf(size: number): number {
  double[0] = size
  return size < 1 ? 0 : ((halves[1] ?? 0) >>> 20) - 1_022
}
