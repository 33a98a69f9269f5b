import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'

import { SQSClient } from '@aws-sdk/client-sqs'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'

import { parseJob } from '../../../lib/adapters/queue/job-message.ts'
import {
  QueueUnavailableError,
  sqsQueue,
  UnknownQueueError,
} from '../../../lib/adapters/queue/sqs.ts'
import type { Job } from '../../../lib/ports.ts'

const Batch = z.object({
  QueueUrl: z.string(),
  Entries: z.array(
    z.object({ Id: z.string(), MessageBody: z.string(), DelaySeconds: z.int().min(0).max(900) }),
  ),
})
type Batch = z.infer<typeof Batch>
type Failure = { readonly Id: string; readonly Code: string; readonly SenderFault: boolean }

/** SQS's JSON protocol, as far as SendMessageBatch goes; `fail` says which entries it does not take. */
async function anSqs(fail: (batch: Batch, call: number) => readonly Failure[] | number = () => []) {
  const batches: Batch[] = []
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const batch = Batch.parse(await json(request))
    batches.push(batch)
    const failed = fail(batch, batches.length)
    const known = typeof failed === 'number' ? [] : failed
    const taken = batch.Entries.filter(({ Id: id }) => !known.some((one) => one.Id === id))
    const successful = taken.map(({ Id: id }) => ({ Id: id, MessageId: id, MD5OfMessageBody: '' }))
    response.statusCode = typeof failed === 'number' ? failed : 200
    response.setHeader('content-type', 'application/x-amz-json-1.0')
    response.end(JSON.stringify({ Successful: successful, Failed: known }))
  }
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const endpoint = `http://127.0.0.1:${port}`
  const client = new SQSClient({
    region: 'eu-west-1',
    endpoint,
    // The stand-in does not compute digests.
    md5: false,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  })
  onTestFinished(() => {
    client.destroy()
    server.closeAllConnections()
    server.close()
  })
  const urls = { 'push-prices': `${endpoint}/1/push`, 'publish-prices': `${endpoint}/1/publish` }
  return { batches, urls, queue: sqsQueue({ client, urls }) }
}

function aJob(slot: number, name = 'push-prices'): Job {
  return { job: name, subject: 'core', slot }
}

test('messages go to their job’s queue, ten at a time, none lost', async () => {
  const { batches, urls, queue } = await anSqs()
  const jobs = Array.from({ length: 23 }, (_, slot) => aJob(slot))
  const others = [aJob(7, 'publish-prices')]
  await queue.send([...jobs, ...others].map((job) => ({ job, delayMs: 0 })))
  const sent = (url: string) => batches.filter(({ QueueUrl: of }) => of === url)
  const slots = sent(urls['push-prices']).map(({ Entries: entries }) => entries.length)
  expect(slots.toSorted((one, other) => one - other)).toEqual([3, 10, 10])
  const bodies = (url: string) =>
    sent(url).flatMap(({ Entries: entries }) => entries.map((one) => parseJob(one.MessageBody)))
  expect(new Set(bodies(urls['push-prices']))).toEqual(new Set(jobs))
  expect(bodies(urls['publish-prices'])).toEqual(others)
  for (const { Entries: entries } of batches)
    expect(new Set(entries.map(({ Id: id }) => id)).size).toBe(entries.length)
})

test('a delay is rounded up to whole seconds, and one in the past is none', async () => {
  const { batches, queue } = await anSqs()
  const delays = [-5_000, 0, 1, 1_000, 1_001, 149_500, 900_000]
  await queue.send(delays.map((delayMs, slot) => ({ job: aJob(slot), delayMs })))
  const seconds = batches[0]?.Entries.map(({ DelaySeconds: one }) => one)
  expect(seconds).toEqual([0, 0, 1, 1, 2, 150, 900])
})

test('a longer delay than SQS has is refused, and nothing is sent', async () => {
  const { batches, queue } = await anSqs()
  for (const delayMs of [900_001, Number.NaN])
    await expect(
      queue.send([
        { job: aJob(1), delayMs: 0 },
        { job: aJob(2), delayMs },
      ]),
    ).rejects.toThrow(RangeError)
  expect(batches).toEqual([])
})

test('a job without a queue is refused, whatever it is called', async () => {
  const { batches, queue } = await anSqs()
  for (const name of ['settle-funding', 'constructor'])
    await expect(queue.send([{ job: aJob(1, name), delayMs: 0 }])).rejects.toThrow(
      UnknownQueueError,
    )
  expect(batches).toEqual([])
})

test('only what SQS did not take is sent again', async () => {
  const { batches, queue } = await anSqs((batch, call) => {
    const odd = batch.Entries.filter((_, index) => index % 2 === 1)
    return call < 3 ? odd.map(({ Id: id }) => ({ Id: id, Code: 'Busy', SenderFault: false })) : []
  })
  await queue.send([0, 1, 2, 3].map((slot) => ({ job: aJob(slot), delayMs: 0 })))
  const sent = batches.map(({ Entries: all }) => all.map((one) => parseJob(one.MessageBody).slot))
  expect(sent).toEqual([[0, 1, 2, 3], [1, 3], [3]])
})

test('what SQS never takes is an error that says why', async () => {
  const { batches, queue } = await anSqs(({ Entries: entries }) =>
    entries.map(({ Id: id }) => ({ Id: id, Code: 'InternalError', SenderFault: false })),
  )
  const sent = queue.send([{ job: aJob(1), delayMs: 0 }])
  await expect(sent).rejects.toThrow(QueueUnavailableError)
  await expect(sent).rejects.toThrow('did not take 1 of 1')
  expect(batches).toHaveLength(3)
})

test('our own mistake is not tried again', async () => {
  const { batches, queue } = await anSqs(({ Entries: entries }) =>
    entries.map(({ Id: id }) => ({ Id: id, Code: 'InvalidMessageContents', SenderFault: true })),
  )
  await expect(queue.send([{ job: aJob(1), delayMs: 0 }])).rejects.toThrow(QueueUnavailableError)
  expect(batches).toHaveLength(1)
})

test('one queue that is down does not keep messages from the others', async () => {
  const { batches, queue } = await anSqs(({ QueueUrl: url }) => (url.endsWith('push') ? 503 : []))
  const sent = queue.send([
    { job: aJob(1), delayMs: 0 },
    { job: aJob(1, 'publish-prices'), delayMs: 0 },
  ])
  await expect(sent).rejects.toThrow(QueueUnavailableError)
  const reached = new Set(batches.map(({ QueueUrl: url }) => url.split('/').at(-1)))
  expect(reached).toEqual(new Set(['publish', 'push']))
})

test('nothing to send is no request', async () => {
  const { batches, queue } = await anSqs()
  await queue.send([])
  expect(batches).toEqual([])
})
