import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** The venue simulators on a thread of their own, whose work is not counted as ours. */
export type BenchSimulators = {
  /** Each venue's API lives under it, by the venue's name. */
  readonly url: string
  close(): Promise<void>
}

export async function startBenchSimulators(markets: number): Promise<BenchSimulators> {
  const worker = new Worker(new URL('./simulators-worker.ts', import.meta.url), {
    workerData: markets,
  })
  const [url] = (await once(worker, 'message')) as readonly unknown[]
  return {
    url: String(url),
    async close() {
      await worker.terminate()
    },
  }
}
