import type { WatchParameters } from './parameters.ts'
import { deviationOf, medianOf, normalDeviation } from './spread.ts'

/** Whether a mark is further from ours than it usually is, by the largest distances of each ten minutes before. */
export function isApart(
  bps: number,
  before: readonly { readonly bps: number }[],
  numbers: WatchParameters,
): boolean {
  return Math.abs(bps) > apartBps(before, numbers)
}

/** From which distance on, in bps. */
export function apartBps(
  before: readonly { readonly bps: number }[],
  numbers: WatchParameters,
): number {
  if (before.length < numbers.baselineSamples) return numbers.markCeilingBps
  const distances = before.map(({ bps }) => Math.abs(bps))
  const median = medianOf(distances) ?? 0
  const usual = median + numbers.lateDeviations * normalDeviation * deviationOf(distances, median)
  return Math.max(numbers.markFloorBps, usual)
}
