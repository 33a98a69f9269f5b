import { messageOf } from '../../keepers/message-of.ts'
import type { Network } from '../../runtime/network/schema.ts'
import { schedulesOf } from '../../runtime/world/schedules.ts'
import { type Diagnosis, fixOf } from './diagnosis.ts'

/** Whether each job that runs has a queue that answers. Nothing is put into it: what is there is worked. */
export async function checkQueue(network: Network): Promise<readonly Diagnosis[]> {
  const at = { area: 'queue', subject: 'queue' } as const
  const { queue } = network
  if (queue.kind === 'in-process')
    return [
      { ...at, state: 'ok', says: 'workers are woken in the one process that does everything' },
    ]
  if (Object.keys(queue.urls).length === 0)
    return [
      { ...at, state: 'skipped', says: 'queues are those of the deployment, which makes them' },
    ]
  const { SQSClient, GetQueueAttributesCommand } = await import('@aws-sdk/client-sqs')
  const client = new SQSClient({
    maxAttempts: 2,
    ...(queue.endpoint !== undefined && {
      endpoint: queue.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  })
  const jobs = schedulesOf(network).map(async ({ job }): Promise<Diagnosis> => {
    const subject = `queue.urls.${job}`
    const url = queue.urls[job]
    if (url === undefined) {
      const says = 'the job runs and has no queue, so that nobody wakes its workers'
      return { ...at, subject, state: 'fault', says, fix: 'name its queue there' }
    }
    try {
      const command = new GetQueueAttributesCommand({
        QueueUrl: url,
        AttributeNames: ['ApproximateNumberOfMessages'],
      })
      const { Attributes: attributes = {} } = await client.send(command)
      const waiting = attributes['ApproximateNumberOfMessages'] ?? 'unknown'
      return { ...at, subject, state: 'ok', says: `it answers; messages that wait: ${waiting}` }
    } catch (error) {
      const fix = 'see that the URL is right, and that you may use sqs:GetQueueAttributes'
      const says = `it does not answer: ${messageOf(error)}`
      return { ...at, subject, state: 'fault', says, fix: fixOf(says, fix) }
    }
  })
  const found = await Promise.all(jobs)
  client.destroy()
  return found
}
