/** The middle, or the two middles' average; undefined where there is nothing. */
export function median(values: readonly number[]): number | undefined {
  const sorted = ascending(values)
  const low = sorted[(sorted.length - 1) >> 1]
  const high = sorted[sorted.length >> 1]
  return low === undefined || high === undefined ? undefined : (low + high) / 2
}

/** Of an even count the upper one of the two middles. */
export function upperMiddle(values: readonly number[]): number | undefined {
  return ascending(values)[values.length >> 1]
}

export function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : sum(values) / values.length
}

/** Of the whole population, not estimated from a sample. */
export function deviation(values: readonly number[]): number {
  const middle = mean(values) ?? 0
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)) ?? 0)
}

export type Weighted = { readonly value: number; readonly weight: number }

/** The first value at which more than half of the weight lies; at exactly half the average with the next one. */
export function weightedMedian(values: readonly Weighted[]): number | undefined {
  const sorted = values.filter(({ weight }) => weight > 0).toSorted((a, b) => a.value - b.value)
  const half = sum(sorted.map(({ weight }) => weight)) / 2
  let reached = 0
  for (const [index, { value, weight }] of sorted.entries()) {
    reached += weight
    const next = sorted[index + 1]
    if (reached === half && next) return (value + next.value) / 2
    if (reached > half) return value
  }
  return undefined
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function ascending(values: readonly number[]): readonly number[] {
  return values.toSorted((a, b) => a - b)
}
