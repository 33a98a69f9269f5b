import { setTimeout as sleep } from 'node:timers/promises'

import type { World } from '../runtime/compose.ts'
import type { JobName } from '../runtime/network/job-names.ts'
import { runNetwork } from '../runtime/run.ts'
import type { Account } from './account.ts'
import type { Summary } from './summary.ts'
import { watchRun } from './watched-run.ts'

/** Runs the keepers until `signal` aborts or `forMs` is over, tells what happens, and sums it up. */
export async function runUntil(options: {
  readonly world: World
  readonly jobs: readonly JobName[] | 'all'
  readonly account: Account
  readonly signal: AbortSignal
  readonly forMs: number | undefined
  readonly sends: boolean
}): Promise<Summary> {
  const { world, jobs, account, signal, forMs } = options
  const { notify, summary } = watchRun(world, options)
  const run = runNetwork({ world, jobs, notify })
  await ended(signal, forMs)
  const at = world.ports.clock.now()
  account.progress(
    signal.aborted ? 'Stopping; what is under way is finished first.' : 'Time is up.',
  )
  await run.stop()
  return await summary(at)
}

/** Resolves at the end of the time or when asked to stop, whichever is first. */
async function ended(signal: AbortSignal, forMs: number | undefined): Promise<void> {
  // The longest that a timer can wait, 24 days, again and again.
  const longestMs = 2 ** 31 - 1
  const until = forMs === undefined ? Infinity : performance.now() + forMs
  while (!signal.aborted) {
    const leftMs = until - performance.now()
    if (leftMs <= 0) return
    await sleep(Math.min(leftMs, longestMs), undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }
}
