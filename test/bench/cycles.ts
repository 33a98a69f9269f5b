import { performance } from 'node:perf_hooks'
import process from 'node:process'

import { z } from 'zod'

/** What a process tells of the cycles it did. Times of the day are Unix milliseconds with their fractions. */
export const Cycles = z.object({
  cycles: z.array(z.object({ begunAt: z.number(), doneAt: z.number(), cpuMs: z.number() })),
  /** Pieces of work that ended without what they were for, of all cycles together. */
  failed: z.number(),
  /** The most memory that the process ever had. */
  peakMib: z.number(),
})
export type Cycles = z.infer<typeof Cycles>

/**
 * Does one cycle for nothing, in which everything is compiled, and `count` that are told on the standard output. A cycle
 * answers how much of it failed.
 */
export async function tellCycles(count: number, cycle: () => Promise<number>): Promise<void> {
  await cycle()
  const cycles: Cycles['cycles'] = []
  let failed = 0
  for (let done = 0; done < count; done += 1) {
    const begunAt = now()
    const cpu = process.cpuUsage()
    failed += await cycle()
    const { user, system } = process.cpuUsage(cpu)
    cycles.push({ begunAt, doneAt: now(), cpuMs: (user + system) / 1_000 })
  }
  const told = { cycles, failed, peakMib: process.resourceUsage().maxRSS / 1_024 } satisfies Cycles
  process.stdout.write(JSON.stringify(told), () => process.exit())
}

function now(): number {
  return performance.timeOrigin + performance.now()
}
