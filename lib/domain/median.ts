import { Decimal } from './decimal.ts'

/** Decimals of every price that leaves the rules: what the signed layouts carry. */
export const priceDecimals = 18

/** The middle, or the two middles' average at 18 decimals, ties to even. Throws `RangeError` where there are no prices. */
export function medianPrice(prices: readonly Decimal[]): Decimal {
  return medianOf(prices).toDecimalPlaces(priceDecimals)
}

/** The middle, or the two middles' average, unrounded. */
export function medianOf(values: readonly Decimal[]): Decimal {
  const sorted = ascending(values)
  return valueAt(sorted, (sorted.length - 1) >> 1)
    .add(valueAt(sorted, sorted.length >> 1))
    .div(2)
}

/** The median of the distances to `median`: how far a usual source strays (MAD). */
export function medianDeviation(prices: readonly Decimal[], median: Decimal): Decimal {
  return medianOf(prices.map((price) => price.sub(median).abs()))
}

/** max(p50 - p25, p75 - p50), the quartiles taken at index n/4 from each end as Pyth does (pyth-client, price_model). */
export function confidenceOf(prices: readonly Decimal[], median: Decimal): Decimal {
  const sorted = ascending(prices)
  const quarter = sorted.length >> 2
  return Decimal.max(
    median.sub(valueAt(sorted, quarter)),
    valueAt(sorted, sorted.length - 1 - quarter).sub(median),
  )
}

export function ascending(values: readonly Decimal[]): readonly Decimal[] {
  return values.toSorted((a, b) => a.cmp(b))
}

function valueAt(sorted: readonly Decimal[], index: number): Decimal {
  const value = sorted[index]
  if (value === undefined) throw new RangeError('there is no median of nothing')
  return value
}
