/**
 * l2beat's rule for anomalies, as its backend has it (`calculateAnomalies`), written anew for comparison: the interval is an
 * anomaly where it is at least 15 population standard deviations above the mean of those that began in the 30 days before it.
 */
export function isAnomaly(intervalMs: number, before: readonly number[]): boolean {
  const limit = anomalyLimitMs(before)
  return limit !== undefined && intervalMs >= limit && intervalMs > mean(before)
}

/** From which interval on; undefined where there are fewer than two to judge by. */
export function anomalyLimitMs(before: readonly number[]): number | undefined {
  if (before.length < 2) return undefined
  const middle = mean(before)
  const variance = mean(before.map((ms) => (ms - middle) ** 2))
  return middle + 15 * Math.sqrt(variance)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
