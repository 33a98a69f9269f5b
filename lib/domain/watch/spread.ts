/** Of no number: undefined. Of an even number the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined
  const sorted = sortedNumbers(values)
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)] ?? 0
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? 0) + upper) / 2 : upper
}

/** How far values usually are from their median. */
export function deviationOf(values: readonly number[], median: number): number {
  return medianOf(values.map((value) => Math.abs(value - median))) ?? 0
}

/** One of the values, that so large a share of them does not exceed; of none: undefined. */
export function quantileOf(values: readonly number[], share: number): number | undefined {
  const sorted = sortedNumbers(values)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
}

/** As numbers alone, which sort several times as fast: a month is sorted again at every look. */
function sortedNumbers(values: readonly number[]): Float64Array {
  return Float64Array.from(values).toSorted()
}

/** Of a normal distribution one standard deviation is so many median absolute ones. */
export const normalDeviation = 1.4826
