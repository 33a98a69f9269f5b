import { join } from 'node:path'

import type {
  Context,
  LambdaFunctionURLEvent,
  LambdaFunctionURLResult,
  SQSBatchResponse,
  SQSEvent,
} from 'aws-lambda'

import { parseJob } from '../adapters/queue/job-message.ts'
import { sqsClient, sqsQueue } from '../adapters/queue/sqs.ts'
import { venues } from '../adapters/venues/index.ts'
import { timestamp, type Timestamp } from '../domain/time.ts'
import { plannedTicks } from '../keepers/plan-ticks.ts'
import { foreignKeys } from './check-deployment.ts'
import { compose, type Needs, type World } from './compose.ts'
import { type Config, readConfig } from './config.ts'
import { cloudNotify } from './logger.ts'
import { cloudMetrics, type Metrics } from './metrics.ts'
import { loadNetwork } from './network-file.ts'
import type { JobName } from './network/job-names.ts'
import type { Network } from './network/schema.ts'
import { onceEach } from './once-each.ts'
import { lambdaPage } from './page/lambda-page.ts'
import { networkView } from './view/network-view.ts'
import { wallClock } from './wall-clock.ts'
import { schedulesOf } from './world/schedules.ts'
import { type Workers, workersOf } from './world/workers.ts'

/** How far ahead slots are planned: two missed heartbeats of a minute leave no hole. */
const horizonMs = 150_000

/** A slot's rows and answers must be written before the invocation ends. */
const reserveMs = 2_000

/** Every minute: wakes each job's workers for the slots of the next minutes. */
export function planner(): () => Promise<void> {
  return async () => {
    const config = readConfig()
    const network = await networkOf(config)
    const { endpoint, urls } = queuesOf(network, config)
    const queue = sqsQueue({ client: sqsClient({ region: config.region, endpoint }), urls })
    const queued = schedulesOf(network).filter(({ job }) => Object.hasOwn(urls, job))
    const from = wallClock.now()
    await queue.send(plannedTicks(queued, { from, to: timestamp(from + horizonMs) }))
  }
}

/** One slot of one job for each message. What fails is told and left to the next slot, so no message comes again for it. */
export function worker(
  job: JobName,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  return async (event, context) => {
    const { workers, metrics } = await staff(needsOf(job))
    const until = untilOf(context)
    const ends = await Promise.allSettled(
      event.Records.map(async ({ body }) => workers.work(parseJob(body), until)),
    )
    metrics.publish()
    return {
      batchItemFailures: ends.flatMap((end, at) => {
        const { messageId = '' } = event.Records[at] ?? {}
        return end.status === 'rejected' ? [{ itemIdentifier: messageId }] : []
      }),
    }
  }
}

/** Every minute: moves on whatever is not final. */
export function sweeper(): (event: unknown, context: Context) => Promise<void> {
  return async (_event, context) => {
    const { workers, metrics, network } = await staff(needsOf('deliver-outbox'))
    const everySeconds = network.jobs['deliver-outbox']?.everySeconds ?? 60
    const slot = Math.floor(wallClock.now() / (everySeconds * 1000))
    await workers.work({ job: 'deliver-outbox', subject: 'network', slot }, untilOf(context))
    metrics.publish()
  }
}

/** The page for people. */
export function page(): (event: LambdaFunctionURLEvent) => Promise<LambdaFunctionURLResult> {
  const show = lambdaPage({
    view: async () => {
      const { network, ports } = await world(noSecrets)
      return networkView({ network, store: ports.store, now: ports.clock.now() })
    },
    // Each look is an invocation.
    everyMs: 5_000,
  })
  return async (event) => show(event)
}

const noSecrets: Needs = { oracles: false, senders: false, alerts: false }

/** What serverless.yml gives each function the rights to, and no more. */
function needsOf(job: JobName): Needs {
  switch (job) {
    case 'publish-prices':
      return { ...noSecrets, oracles: true }
    case 'push-prices':
      return { ...noSecrets, senders: true }
    case 'watch-liveness':
      return { ...noSecrets, alerts: true }
    case 'deliver-outbox':
      return { ...noSecrets, senders: true, alerts: true }
  }
}

type Staff = { readonly workers: Workers; readonly network: Network; readonly metrics: Metrics }

async function staff(needs: Needs): Promise<Staff> {
  const composed = await world(needs)
  const metrics = cloudMetrics()
  const notify = cloudNotify(metrics)
  const workers = workersOf(composed, { notify, worker: name })
  return { workers, network: composed.network, metrics }
}

/** Tells this instance of a function from the others. */
const name = `lambda-${crypto.randomUUID()}`

/** Made once per instance, and anew after it failed. */
const world = onceEach(
  (needs: Needs) => JSON.stringify(needs),
  async (needs: Needs): Promise<World> => {
    const config = readConfig()
    const network = await networkOf(config)
    const foreign = foreignKeys(network, config)
    if (foreign.length > 0) throw new ForeignKeysError(foreign)
    return await compose({
      network,
      directory: join(config.root, 'infra/networks'),
      clock: wallClock,
      region: config.region,
      needs,
    })
  },
)

/** The deployment's own queues, but for those that the file names. */
function queuesOf({ queue }: Network, config: Config) {
  if (queue.kind !== 'sqs') return { endpoint: undefined, urls: config.queues }
  return { endpoint: queue.endpoint, urls: { ...config.queues, ...queue.urls } }
}

/** The deployment's own table, whatever the file calls it. */
async function networkOf(config: Config): Promise<Network> {
  const file = join(config.root, 'infra/networks', `${config.network}.yml`)
  const network = await loadNetwork(file, { venueNames: venues.map((venue) => venue.name) })
  const { store } = network
  return store.kind === 'dynamodb' && store.endpoint === undefined
    ? { ...network, store: { ...store, table: config.table } }
    : network
}

function untilOf(context: Context): Timestamp {
  return timestamp(wallClock.now() + Math.max(0, context.getRemainingTimeInMillis() - reserveMs))
}

/** The network file names keys that this function has no right to. */
export class ForeignKeysError extends Error {
  override readonly name = 'ForeignKeysError'

  constructor(problems: readonly string[]) {
    super(problems.join('; '))
  }
}
