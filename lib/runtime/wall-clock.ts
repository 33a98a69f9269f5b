import { setTimeout as sleep } from 'node:timers/promises'

import { timestamp } from '../domain/time.ts'
import type { Clock } from '../ports.ts'

/** The machine's own clock. */
export const wallClock: Clock = {
  now: () => timestamp(Date.now()),
  sleep: async (ms) => {
    await sleep(Math.max(0, ms))
  },
}
