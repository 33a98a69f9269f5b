import { parentPort, workerData } from 'node:worker_threads'

import * as z from 'zod'

import { simulationName, simulations } from './simulations.ts'

const { of } = z.object({ of: z.string() }).parse(workerData)
const simulate = simulations[simulationName(of)]

/** Some schedules, one after the other. */
export type RunPart = { readonly first: number; readonly count: number }

export type RunDone = {
  readonly schedules: number
  readonly works: number
  /** The first that broke a rule; those after it did not run. */
  readonly broken: number | undefined
}

// Errors are part of most schedules: where each was made is of no use to anybody.
Error.stackTraceLimit = 0

parentPort?.on('message', (part: RunPart) => {
  void answer(part)
})

async function answer({ first, count }: RunPart): Promise<void> {
  let works = 0
  for (let seed = first; seed < first + count; seed += 1) {
    const ended = await simulate(seed, {})
    works += ended.works
    if (ended.violation) return tell({ schedules: seed - first + 1, works, broken: seed })
  }
  tell({ schedules: count, works, broken: undefined })
}

function tell(done: RunDone): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
  parentPort?.postMessage(done)
}
