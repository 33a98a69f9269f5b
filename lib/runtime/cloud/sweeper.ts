import type { Context } from 'aws-lambda'

import { wallClock } from '../wall-clock.ts'
import { staffOf, untilOf } from './staff.ts'

/** Every minute: moves on whatever is not final. */
export function sweeper(): (event: unknown, context: Context) => Promise<void> {
  return async (_event, context) => {
    const { workers, metrics, network } = await staffOf('deliver-outbox', context)
    const everySeconds = network.jobs['deliver-outbox']?.everySeconds ?? 60
    const slot = Math.floor(wallClock.now() / (everySeconds * 1000))
    await workers.work({ job: 'deliver-outbox', subject: 'network', slot }, untilOf(context))
    metrics.publish()
  }
}
