import { subscribe } from 'node:diagnostics_channel'
import { performance } from 'node:perf_hooks'
import { parentPort, workerData } from 'node:worker_threads'

import { startVenueSimulators } from '../../infra/local/venues/start-venue-simulators.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { benchMarket } from './bench-market.ts'

const market = benchMarket(Number(workerData))
const { url } = await startVenueSimulators({ market, clock: wallClock })
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
parentPort?.postMessage(url)

let answered: number[] = []
subscribe('http.server.response.finish', () => {
  answered.push(performance.timeOrigin + performance.now())
})
parentPort?.on('message', () => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
  parentPort?.postMessage(answered)
  answered = []
})
