/** Of no number: undefined. Of an even number the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined
  const all = new Float64Array(values)
  const middle = all.length / 2
  const upper = inOrderAt(all, Math.floor(middle))
  if (!Number.isInteger(middle)) return upper
  return (all.subarray(0, middle).reduce((most, one) => Math.max(most, one)) + upper) / 2
}

/** How far values usually are from their median. */
export function deviationOf(values: readonly number[], median: number): number {
  return medianOf(values.map((value) => Math.abs(value - median))) ?? 0
}

/** One of the values, that so large a share of them does not exceed; of none: undefined. */
export function quantileOf(values: readonly number[], share: number): number | undefined {
  if (values.length === 0) return undefined
  const place = Math.max(0, Math.ceil(share * values.length) - 1)
  return inOrderAt(new Float64Array(values), place)
}

/**
 * What would be at that place if all were in order. Moves them about until none before the place is larger, and none after it
 * smaller: a month is looked through again at every look, and to sort it takes several times as long.
 */
function inOrderAt(all: Float64Array, place: number): number {
  let [from, to] = [0, all.length - 1]
  while (from < to) {
    const pivot = all[(from + to) >> 1] ?? 0
    let [low, high] = [from, to]
    while (low <= high) {
      while ((all[low] ?? pivot) < pivot) low += 1
      while ((all[high] ?? pivot) > pivot) high -= 1
      if (low > high) break
      const one = all[low] ?? 0
      all[low] = all[high] ?? 0
      all[high] = one
      low += 1
      high -= 1
    }
    if (place <= high) to = high
    else if (place >= low) from = low
    else break
  }
  return all[place] ?? 0
}

/** Of a normal distribution one standard deviation is so many median absolute ones. */
export const normalDeviation = 1.4826
