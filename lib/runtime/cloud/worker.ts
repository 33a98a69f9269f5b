import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'

import { parseJob } from '../../adapters/queue/job-message.ts'
import type { JobName } from '../network/job-names.ts'
import { staffOf, untilOf } from './staff.ts'

/** One slot of one job for each message. What fails is told and left to the next slot, so no message comes again for it. */
export function worker(
  job: JobName,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  return async (event, context) => {
    const { workers, metrics } = await staffOf(job)
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
