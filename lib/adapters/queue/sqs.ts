import {
  type BatchResultErrorEntry,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SQSClient,
} from '@aws-sdk/client-sqs'

import type { Job, Queue } from '../../ports.ts'
import { jobMessage } from './job-message.ts'

type Message = Parameters<Queue['send']>[0][number]

/** SQS's limits: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const maxBatch = 10
const maxDelayMs = 900_000

/** Tries for messages that SQS did not take for a reason of its own. */
const maxTries = 3

/** A client that gives up soon enough for the planner to be run again. */
export function sqsClient({
  region,
  endpoint,
}: {
  readonly region: string
  /** An emulator, which asks for credentials and looks at none. */
  readonly endpoint?: string | undefined
}): SQSClient {
  return new SQSClient({
    region,
    maxAttempts: 3,
    ...(endpoint === undefined
      ? {}
      : { endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
  })
}

/** One standard queue per job: `urls` names it by the job's name. A message is never visible before its delay is over. */
export function sqsQueue({
  client,
  urls,
}: {
  readonly client: SQSClient
  readonly urls: Readonly<Record<string, string>>
}): Queue {
  return {
    async send(messages) {
      const byUrl = Map.groupBy(messages, ({ job }) => urlOf(urls, job))
      const batches = [...byUrl].flatMap(([url, all]) =>
        chunks(all.map(entry)).map((entries) => ({ url, entries })),
      )
      const ends = await Promise.allSettled(
        batches.map(async ({ url, entries }) => await sendBatch(client, url, entries)),
      )
      const failures = ends.flatMap((end): readonly unknown[] =>
        end.status === 'rejected' ? [end.reason] : [],
      )
      if (failures.length > 0) throw new QueueUnavailableError(failures)
    },
  }
}

function urlOf(urls: Readonly<Record<string, string>>, { job }: Job): string {
  const url = Object.hasOwn(urls, job) ? urls[job] : undefined
  if (url === undefined) throw new UnknownQueueError(job)
  return url
}

function entry({ job, delayMs }: Message, index: number): SendMessageBatchRequestEntry {
  if (!(delayMs <= maxDelayMs))
    throw new RangeError(`SQS delays a message by ${maxDelayMs} ms at most, not ${delayMs}`)
  return {
    Id: String(index),
    MessageBody: jobMessage(job),
    // Rounded up: a slot may begin a little late, but not before its time.
    DelaySeconds: Math.max(0, Math.ceil(delayMs / 1000)),
  }
}

function chunks<T>(all: readonly T[]): readonly T[][] {
  const count = Math.ceil(all.length / maxBatch)
  return Array.from({ length: count }, (_, index) =>
    all.slice(index * maxBatch, (index + 1) * maxBatch),
  )
}

async function sendBatch(
  client: SQSClient,
  url: string,
  entries: readonly SendMessageBatchRequestEntry[],
): Promise<void> {
  let left = entries
  let refused: readonly BatchResultErrorEntry[] = []
  for (let tries = 0; tries < maxTries; tries += 1) {
    const command = new SendMessageBatchCommand({ QueueUrl: url, Entries: [...left] })
    const { Failed: failed = [] } = await client.send(command)
    if (failed.length === 0) return
    refused = failed
    // What is our own mistake stays one.
    if (failed.some(({ SenderFault: ours }) => ours)) break
    left = left.filter(({ Id: id }) => failed.some((one) => one.Id === id))
  }
  throw new AggregateError(
    refused.map(({ Code: code, Message: message }) => new Error(`${code}: ${message ?? ''}`)),
    `SQS did not take ${refused.length} of ${entries.length} messages`,
  )
}

/** Some messages are not in the queue. Planning again sends them again; those that are there twice do no harm. */
export class QueueUnavailableError extends Error {
  override readonly name = 'QueueUnavailableError'

  constructor(failures: readonly unknown[]) {
    const [first] = failures
    super(`the queue is unavailable: ${first instanceof Error ? first.message : String(first)}`, {
      cause: new AggregateError(failures),
    })
  }
}

/** The deployment has no queue for this job. */
export class UnknownQueueError extends Error {
  override readonly name = 'UnknownQueueError'
  readonly job: string

  constructor(job: string) {
    super(`there is no queue for the job ${job}`)
    this.job = job
  }
}
