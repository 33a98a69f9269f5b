import type { Timestamp } from '../domain/time.ts'
import type { Job } from '../ports.ts'

/** One job of a deployment, with everything that it does for itself. */
export type Schedule = {
  readonly job: string
  readonly subjects: readonly string[]
  readonly everySeconds: number
  /** How long after the beginning of its slot it runs. */
  readonly offsetMs: number
}

/**
 * The slots that run from `from` on and before `to`, each as a message that comes in time. Slots are absolute
 * (`floor(time / everySeconds)`), so planning the same time twice names the same work.
 */
export function plannedTicks(
  schedules: readonly Schedule[],
  { from, to }: { readonly from: Timestamp; readonly to: Timestamp },
): readonly { readonly job: Job; readonly delayMs: number }[] {
  return schedules.flatMap(({ job, subjects, everySeconds, offsetMs }) => {
    const everyMs = everySeconds * 1000
    const first = Math.ceil((from - offsetMs) / everyMs)
    const count = Math.max(0, Math.ceil((to - offsetMs) / everyMs) - first)
    return Array.from({ length: count }, (_, index) => first + index).flatMap((slot) =>
      subjects.map((subject) => ({
        job: { job, subject, slot },
        delayMs: Math.max(0, slot * everyMs + offsetMs - from),
      })),
    )
  })
}
