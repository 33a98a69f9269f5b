import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

import { close, httpServer, listen } from '../../../infra/local/http-server.ts'
import type { FaultyNode } from './faulty-node.ts'

export type RestQuestion = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type RestReply = {
  readonly status?: number
  /** Text goes as it is, all else as JSON. */
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** A server of JSON, and what is wrong with it; a test changes it as it goes. */
export type FaultyRest = {
  readonly url: string
  readonly asked: RestQuestion[]
  trouble: FaultyNode['trouble']
  /** What it answers in place of the truth; undefined where it tells that. */
  spoil: (question: RestQuestion, truth: RestReply) => RestReply | undefined
  stop(): Promise<void>
}

export async function faultyRest(
  answer: (question: RestQuestion) => RestReply,
): Promise<FaultyRest> {
  const server = httpServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })
  const rest: FaultyRest = {
    url: `http://${await listen(server, 0)}`,
    asked: [],
    trouble: 'none',
    spoil: () => undefined,
    stop: async () => close(server),
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', rest.url)
    const { method = '', headers } = request
    const question = { method, path, query, headers, body: await text(request) }
    rest.asked.push(question)
    switch (rest.trouble) {
      case 'hangs':
        return
      case 'dead':
        return void response.destroy()
      case 'html':
        return void response.end('<html><h1>Welcome</h1></html>')
      case 'limit':
        return void response.writeHead(429, { 'retry-after': '60' }).end('Too Many Requests')
      case 'none': {
        const truth = answer(question)
        const { status = 200, body, headers: more } = rest.spoil(question, truth) ?? truth
        response
          .writeHead(status, { 'content-type': 'application/json', ...more })
          .end(typeof body === 'string' ? body : JSON.stringify(body))
      }
    }
  }

  return rest
}
