import { sqsClient, sqsQueue } from '../../adapters/queue/sqs.ts'
import { timestamp } from '../../domain/time.ts'
import { plannedTicks } from '../../keepers/plan-ticks.ts'
import { type Config, readConfig } from '../config.ts'
import type { Network } from '../network/schema.ts'
import { wallClock } from '../wall-clock.ts'
import { schedulesOf } from '../world/schedules.ts'
import { deployedNetwork } from './deployed-network.ts'

/** How far ahead slots are planned: two missed heartbeats of a minute leave no hole. */
const horizonMs = 150_000

/** Every minute: wakes each job's workers for the slots of the next minutes. */
export function planner(): () => Promise<void> {
  return async () => {
    const config = readConfig()
    const network = await deployedNetwork(config)
    const { endpoint, urls } = queuesOf(network, config)
    const queue = sqsQueue({ client: sqsClient({ region: config.region, endpoint }), urls })
    const queued = schedulesOf(network).filter(({ job }) => Object.hasOwn(urls, job))
    const from = wallClock.now()
    await queue.send(plannedTicks(queued, { from, to: timestamp(from + horizonMs) }))
  }
}

/** The deployment's own queues, but for those that the file names. */
function queuesOf({ queue }: Network, config: Config) {
  if (queue.kind !== 'sqs') return { endpoint: undefined, urls: config.queues }
  return { endpoint: queue.endpoint, urls: { ...config.queues, ...queue.urls } }
}
