import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'

import { onTestFinished } from 'vitest'

/** What becomes of one request: passed on and answered; passed on and the answer lost; answered with an error. */
export type Fate =
  | 'pass'
  | 'lose-answer'
  | 'hang'
  | { readonly status: number; readonly body: string }

export type LossyProxy = {
  readonly endpoint: string
  /** Operations asked for, such as `PutItem`, in order. */
  readonly asked: string[]
}

/** A network between a store and its table in which answers get lost. */
export async function lossyProxy(
  target: string,
  fate: (operation: string, count: number) => Fate,
): Promise<LossyProxy> {
  const asked: string[] = []

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const operation = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? ''
    asked.push(operation)
    const count = asked.filter((one) => one === operation).length
    const sent = await buffer(incoming)
    const what = fate(operation, count)
    if (what === 'hang') return
    if (typeof what === 'object') {
      outgoing.writeHead(what.status, { 'content-type': 'application/x-amz-json-1.0' })
      outgoing.end(what.body)
      return
    }
    const answer = await passedOn(target, incoming, sent)
    if (what === 'lose-answer') {
      outgoing.destroy()
      return
    }
    outgoing.writeHead(answer.status, answer.headers).end(answer.body)
  }

  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { endpoint: `http://127.0.0.1:${port}`, asked }
}

async function passedOn(target: string, { headers }: IncomingMessage, body: Buffer) {
  const onward = request(target, { method: 'POST', headers })
  onward.end(body)
  const [answer] = (await once(onward, 'response')) as [IncomingMessage]
  return { status: answer.statusCode ?? 500, headers: answer.headers, body: await buffer(answer) }
}
