import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'

import type { Kzg } from '../../adapters/kzg.ts'
import { parseJob } from '../../adapters/queue/job-message.ts'
import { messageOf } from '../../keepers/message-of.ts'
import type { JobName } from '../network/job-names.ts'
import { wallClock } from '../wall-clock.ts'
import { staffOf, untilOf } from './staff.ts'

/**
 * One slot of one job for each message. What fails is told and left to the next slot, so no message comes again for it;
 * only one that is nobody's job here goes back, and in the end to the dead-letter queue.
 */
export function worker(
  job: JobName,
  /** Only where proofs of blobs are computed: what it takes is larger than all the rest of a function. */
  kzg?: Kzg,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  return async (event, context) => {
    const { workers, chains, metrics, notify } = await staffOf(job, context, kzg)
    const until = untilOf(context)
    const taken = await Promise.all(
      event.Records.map(async ({ body }) => {
        try {
          await workers.work(parseJob(body), until)
          return true
        } catch (error) {
          notify({ kind: 'trouble', at: wallClock.now(), where: job, message: messageOf(error) })
          return false
        }
      }),
    )
    // The watch asks every node; what the other jobs know of them is of the few that they asked.
    if (job === 'watch-liveness')
      for (const [name, chain] of Object.entries(chains)) metrics.nodes(name, chain.nodes())
    metrics.publish()
    return {
      batchItemFailures: event.Records.filter((_, at) => taken[at] === false).map(
        ({ messageId }) => ({ itemIdentifier: messageId }),
      ),
    }
  }
}
