import { setTimeout as sleep } from 'node:timers/promises'

import { timestamp } from '../domain/time.ts'
import type { Clock } from '../ports.ts'

/** The machine's own clock. */
export const wallClock: Clock = {
  now: () => timestamp(Date.now()),
  async sleep(ms, signal) {
    try {
      await sleep(Math.max(0, ms), undefined, { signal })
    } catch (error) {
      // A sleep that ends early is over, and nothing went wrong.
      if (!signal?.aborted) throw error
    }
  },
}
