import { timestamp, type Timestamp } from '../../../lib/domain/time.ts'
import type { Clock } from '../../../lib/ports.ts'

/** A clock whose sleepers wake in order while it is moved on by hand. */
export type HandClock = Clock & { pass(ms: number): Promise<void> }

export function handClock(): HandClock {
  let now = timestamp(1_764_000_000_000)
  let sleepers: { readonly until: number; readonly wake: () => void }[] = []

  return {
    now: () => now,

    async sleep(ms) {
      await new Promise<void>((wake) => {
        sleepers.push({ until: now + ms, wake })
      })
    },

    async pass(ms) {
      const end: Timestamp = timestamp(now + ms)
      await settled()
      for (;;) {
        const [next] = sleepers.toSorted((one, other) => one.until - other.until)
        if (!next || next.until > end) break
        now = timestamp(Math.max(now, next.until))
        sleepers = sleepers.filter((sleeper) => sleeper !== next)
        next.wake()
        await settled()
      }
      now = end
    },
  }
}

/** Everything that waits for nothing but its turn has had it. */
async function settled(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}
