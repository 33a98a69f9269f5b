import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'

import { z } from 'zod'

import { parseJob } from '../../lib/adapters/queue/job-message.ts'
import type { Job } from '../../lib/ports.ts'

const Batch = z.object({
  QueueUrl: z.string(),
  Entries: z
    .array(
      z.object({ Id: z.string(), MessageBody: z.string(), DelaySeconds: z.int().min(0).max(900) }),
    )
    .min(1)
    .max(10),
})

export type Message = {
  readonly id: string
  readonly queue: string
  readonly body: string
  readonly job: Job
  /** When it becomes visible, in unix ms. */
  readonly visibleAt: number
}

/** SQS in a box, as far as SendMessageBatch goes: it keeps what it is sent. */
export async function startSqs() {
  const messages: Message[] = []
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { QueueUrl: queue, Entries: entries } = Batch.parse(await json(request))
    for (const { MessageBody: text, DelaySeconds: delay } of entries)
      messages.push({
        id: `message-${messages.length}`,
        queue,
        body: text,
        job: parseJob(text),
        visibleAt: Date.now() + delay * 1000,
      })
    const Successful = entries.map(({ Id, MessageBody: text }) => ({
      Id,
      MessageId: Id,
      MD5OfMessageBody: createHash('md5').update(text).digest('hex'),
    }))
    response.setHeader('content-type', 'application/x-amz-json-1.0')
    response.end(JSON.stringify({ Successful, Failed: [] }))
  }
  const server = createServer((request, response) => void take(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  return {
    endpoint,
    url: (job: string) => `${endpoint}/1/${job}`,
    messages,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
