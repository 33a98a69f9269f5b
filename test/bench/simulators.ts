import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { z } from 'zod'

/** The venue simulators on a thread of their own, whose work is not counted as ours. */
export type BenchSimulators = {
  /** Each venue's API lives under it, by the venue's name. */
  readonly url: string
  /** When each answer since the last call was out, in Unix milliseconds with their fractions. */
  answered(): Promise<readonly number[]>
  close(): Promise<void>
}

export async function startBenchSimulators(markets: number): Promise<BenchSimulators> {
  const worker = new Worker(new URL('./simulators-worker.ts', import.meta.url), {
    workerData: markets,
  })
  const [url] = (await once(worker, 'message')) as readonly unknown[]
  return {
    url: String(url),
    async answered() {
      const told = once(worker, 'message')
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
      worker.postMessage('answered')
      return Answered.parse(await told)[0]
    },
    async close() {
      await worker.terminate()
    },
  }
}

const Answered = z.tuple([z.array(z.number())])
