import { onTestFinished } from 'vitest'

import type { MakeRun } from '../../../infra/local/program-runs/made-run.ts'
import { startProgramRuns } from '../../../infra/local/program-runs/start-program-runs.ts'
import { programRuns } from '../../../lib/adapters/batches/program-runs.ts'
import { type Timestamp, timestamp } from '../../../lib/domain/time.ts'

/** A clock that moves by hand. */
export type HandClock = {
  now(): Timestamp
  sleep(ms: number): Promise<void>
  set(seconds: number): void
}

export function handClock(seconds: number): HandClock {
  let now = timestamp(seconds * 1000)
  return {
    now: () => now,
    sleep: async () => Promise.resolve(),
    set: (to) => {
      now = timestamp(to * 1000)
    },
  }
}

/** An operator's service, and our client of it. Runs are done at once unless `runMs` says otherwise. */
export async function servedRuns(
  make: MakeRun,
  { clock = handClock(1_800_000_000), runMs = 0 }: { clock?: HandClock; runMs?: number } = {},
) {
  const service = await startProgramRuns({ make, runMs, clock })
  onTestFinished(async () => service.stop())
  return { service, runs: programRuns({ name: 'operator', url: service.url, clock }) }
}
