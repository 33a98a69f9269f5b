import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { timestamp } from '../../lib/domain/time.ts'
import { plannedTicks, type Schedule } from '../../lib/keepers/plan-ticks.ts'

const schedules = fc.array(
  fc.record({
    job: fc.constantFrom('publish', 'push', 'watch'),
    subjects: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
    everySeconds: fc.integer({ min: 1, max: 120 }),
    offsetMs: fc.integer({ min: 0, max: 60_000 }),
  }),
  { minLength: 1, maxLength: 4 },
)

const starts = fc.integer({ min: 1_000_000_000_000, max: 1_000_000_200_000 })
const lengths = fc.array(fc.integer({ min: 0, max: 150_000 }), { minLength: 1, maxLength: 6 })

/** When a job's slot runs, by its definition. */
function runsAt({ everySeconds, offsetMs }: Schedule, slot: number): number {
  return slot * everySeconds * 1000 + offsetMs
}

function planned(all: readonly Schedule[], from: number, to: number) {
  return plannedTicks(all, { from: timestamp(from), to: timestamp(to) })
}

describe('the slots of a time', () => {
  test('a job of every ten seconds, four after the slot begins', () => {
    const push = { job: 'push', subjects: ['core', 'evm'], everySeconds: 10, offsetMs: 4_000 }
    expect(planned([push], 1_000_000_000_000, 1_000_000_020_000)).toEqual([
      { job: { job: 'push', subject: 'core', slot: 100_000_000 }, delayMs: 4_000 },
      { job: { job: 'push', subject: 'evm', slot: 100_000_000 }, delayMs: 4_000 },
      { job: { job: 'push', subject: 'core', slot: 100_000_001 }, delayMs: 14_000 },
      { job: { job: 'push', subject: 'evm', slot: 100_000_001 }, delayMs: 14_000 },
    ])
  })

  test('consecutive times hold every slot once, and together those of the whole', () => {
    fc.assert(
      fc.property(schedules, starts, lengths, (all, start, pieces) => {
        let from = start
        const parts = pieces.flatMap((length) => {
          const part = planned(all, from, from + length).map(({ job }) => job)
          from += length
          return part
        })
        const whole = planned(all, start, from).map(({ job }) => job)
        const names = (jobs: typeof parts) => jobs.map((job) => JSON.stringify(job)).toSorted()
        expect(names(parts)).toEqual(names(whole))
      }),
    )
  })

  test('each is in its time, comes when it runs, and none that runs then is missing', () => {
    fc.assert(
      fc.property(schedules, starts, fc.integer({ min: 0, max: 150_000 }), (all, from, length) => {
        for (const schedule of all) {
          const ticks = planned([schedule], from, from + length)
          for (const { job, delayMs } of ticks)
            expect(from + delayMs).toBe(runsAt(schedule, job.slot))
          const first = Math.floor((from - schedule.offsetMs) / (schedule.everySeconds * 1000)) - 2
          const wanted = Array.from({ length: 160 }, (_, at) => first + at).filter((slot) => {
            const at = runsAt(schedule, slot)
            return at >= from && at < from + length
          })
          for (const subject of schedule.subjects)
            expect(
              ticks.filter(({ job }) => job.subject === subject).map(({ job }) => job.slot),
            ).toEqual(wanted)
        }
      }),
    )
  })

  test('planning a time twice names the same work', () => {
    fc.assert(
      fc.property(schedules, starts, fc.integer({ min: 0, max: 60_000 }), (all, from, later) => {
        const to = from + 150_000
        const first = planned(all, from, to).map(({ job }) => JSON.stringify(job))
        const again = planned(all, from + later, to).map(({ job }) => JSON.stringify(job))
        expect(again.filter((job) => !first.includes(job))).toEqual([])
      }),
    )
  })
})
