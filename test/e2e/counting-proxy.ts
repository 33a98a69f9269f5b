import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'

import * as z from 'zod'

export type CountingProxy = {
  readonly url: string
  /** What was asked for, in order: operations of DynamoDB, methods of JSON-RPC. */
  readonly asked: readonly string[]
  close(): void
}

/** Passes on what is asked of a store or a node, and keeps count of it. */
export async function countingProxy(target: string): Promise<CountingProxy> {
  const asked: string[] = []
  const server = createServer((incoming, outgoing) => {
    const pass = async (): Promise<void> => {
      const body = await buffer(incoming)
      asked.push(...namesOf(incoming, body))
      const answer = await fetch(target, {
        method: 'POST',
        headers: plain(incoming),
        body: new Uint8Array(body),
      })
      outgoing
        .writeHead(answer.status, {
          'content-type': answer.headers.get('content-type') ?? 'application/json',
        })
        .end(Buffer.from(await answer.arrayBuffer()))
    }
    pass().catch(() => outgoing.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `http://127.0.0.1:${port}${new URL(target).pathname.replace(/\/$/, '')}`,
    asked,
    close: () => void server.close(),
  }
}

const Request = z.object({ method: z.string() })
const Requests = z.union([z.array(Request), Request.transform((one) => [one])])

function namesOf({ headers }: IncomingMessage, body: Buffer): readonly string[] {
  const operation = headers['x-amz-target']
  if (operation !== undefined) return [String(operation).split('.').at(-1) ?? '']
  return Requests.parse(JSON.parse(body.toString())).map(({ method }) => method)
}

function plain({ headers }: IncomingMessage): Record<string, string> {
  const own = new Set(['host', 'connection', 'content-length', 'accept-encoding', 'expect'])
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      own.has(name) || value === undefined ? [] : [[name, String(value)]],
    ),
  )
}
