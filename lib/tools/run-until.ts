import { setTimeout as sleep } from 'node:timers/promises'

import type { Notify } from '../keepers/notice.ts'
import type { World } from '../runtime/compose.ts'
import { type JobName, jobNames } from '../runtime/network/job-names.ts'
import { runNetwork } from '../runtime/run.ts'
import type { Account } from './account.ts'
import { StoppedError } from './stop-signals.ts'
import type { Summary } from './summary.ts'
import { watchRun } from './watched-run.ts'

/**
 * Runs the keepers until `signal` aborts or `forMs` is over, tells what happens, and sums it up. An abort for another
 * reason than a request to stop breaks the run.
 */
export async function runUntil(options: {
  readonly world: World
  readonly jobs: readonly JobName[] | 'all'
  readonly account: Account
  readonly signal: AbortSignal
  readonly forMs: number | undefined
  readonly sends: boolean
  /** The watch begins so much later than the rest; at once where absent. */
  readonly watchAfterMs?: number
}): Promise<Summary> {
  const { world, account, signal, forMs } = options
  const { notify, summary } = watchRun(world, options)
  const stop = startJobs(options, notify)
  await ended(signal, forMs)
  const at = world.ports.clock.now()
  const failure = failureOf(signal)
  account.progress(
    failure?.message ??
      (signal.aborted
        ? 'Stopping; what is signed is stored, and the next start takes it up.'
        : 'Time is up.'),
  )
  await stop()
  const told = await summary(at)
  return failure ? { ...told, ok: false, broken: [failure.message, ...told.broken] } : told
}

/** Why the run had to end, where nobody asked it to. */
function failureOf({ aborted, reason }: AbortSignal): Error | undefined {
  const asked = !aborted || reason instanceof StoppedError
  return !asked && reason instanceof Error ? reason : undefined
}

type Jobs = {
  readonly world: World
  readonly jobs: readonly JobName[] | 'all'
  readonly watchAfterMs?: number
  readonly signal: AbortSignal
}

/** Answers how to stop them. */
function startJobs(options: Jobs, notify: Notify): () => Promise<void> {
  const { world, jobs, signal, watchAfterMs = 0 } = options
  const watch = 'watch-liveness'
  const all = jobs === 'all' ? jobNames : jobs
  const isLater = watchAfterMs > 0 && all.includes(watch)
  const atOnce = isLater ? all.filter((job) => job !== watch) : all
  const runs = [runNetwork({ world, jobs: atOnce, notify, signal })]
  const timer = setTimeout(() => {
    if (isLater) runs.push(runNetwork({ world, jobs: [watch], notify, signal }))
  }, watchAfterMs)
  return async () => {
    clearTimeout(timer)
    await Promise.all(runs.map(async (run) => await run.stop()))
  }
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
