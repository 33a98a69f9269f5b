import type { Context } from 'aws-lambda'

import type { Kzg } from '../../adapters/kzg.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { Notify } from '../../keepers/notice.ts'
import type { Chain } from '../../ports.ts'
import { cloudNotify } from '../logger.ts'
import { cloudMetrics, type Metrics } from '../metrics.ts'
import type { JobName } from '../network/job-names.ts'
import type { Network } from '../network/schema.ts'
import { wallClock } from '../wall-clock.ts'
import { type Workers, workersOf } from '../world/workers.ts'
import { deployedWorld } from './deployed-world.ts'
import { needsOf } from './needs.ts'

/** A slot's rows and answers must be written before the invocation ends. */
const reserveMs = 2_000

export type Staff = {
  readonly workers: Workers
  readonly network: Network
  readonly chains: Readonly<Record<string, Chain>>
  readonly metrics: Metrics
  readonly notify: Notify
}

/** Who does a job in this function. */
export async function staffOf(
  job: JobName,
  { functionName }: Pick<Context, 'functionName'>,
  kzg?: Kzg,
): Promise<Staff> {
  const world = await deployedWorld({ needs: needsOf(job), kzg })
  const metrics = cloudMetrics({ functionName })
  const notify = cloudNotify(metrics)
  const workers = workersOf(world, { notify, worker: name })
  return { workers, network: world.network, chains: world.ports.chains, metrics, notify }
}

/** Tells this instance of a function from the others. */
const name = `lambda-${crypto.randomUUID()}`

/** When the work of an invocation must be done. */
export function untilOf(context: Context): Timestamp {
  return timestamp(wallClock.now() + Math.max(0, context.getRemainingTimeInMillis() - reserveMs))
}
