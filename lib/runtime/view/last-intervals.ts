import type { ProgressStep } from '../../domain/watch/system-sight.ts'

/** More than a person compares at a glance are too many. */
const most = 30

/** How long each of the last steps came after the one before it, in milliseconds, oldest first. */
export function lastIntervals(steps: readonly Pick<ProgressStep, 'at'>[]): readonly number[] {
  const last = steps.slice(-most - 1)
  return last.slice(1).map(({ at }, before) => at - (last[before]?.at ?? at))
}
