import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

import { onTestFinished } from 'vitest'

import type { ProverUnavailableError } from '../../../lib/adapters/provers/errors.ts'
import { timestamp } from '../../../lib/domain/time.ts'

export type Asked = {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export type Said = {
  readonly status?: number
  /** Anything but text is written as JSON. */
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Nothing of it is said before the test is over. */
  readonly never?: true
}

/** A host that answers as it is told, and remembers what it was asked. */
export async function anApi(answer: (asked: Asked) => Said) {
  const asked: Asked[] = []
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request
    const one = { method, url, headers, body: await buffer(request) }
    asked.push(one)
    const said = answer(one)
    if (said.never) return
    const text = typeof said.body === 'string' ? said.body : JSON.stringify(said.body)
    response.writeHead(said.status ?? 200, said.headers).end(text)
  }
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

export const clock = { now: () => timestamp(Date.UTC(2026, 0, 1)) }

/** What a promise fails with; undefined where it does not. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
    return undefined
  } catch (error) {
    return error
  }
}

/** What stands between us and a prover, and says nothing of any job. */
export const pages: readonly (readonly [title: string, said: Said])[] = [
  ['a proxy’s 404', { status: 404, body: '404 page not found\n' }],
  ['a 404 page', { status: 404, body: '<html><head><title>404 Not Found</title></head></html>' }],
  [
    'a page that was spelt into an object',
    { status: 404, body: Object.fromEntries('404 page not found'.split('').entries()) },
  ],
  ['an empty 404', { status: 404, body: '' }],
  [
    'a framework’s 404',
    {
      status: 404,
      body: {
        message: 'Route GET:/atlantic-query-by-dedup-id?dedupId=k not found',
        error: 'Not Found',
        statusCode: 404,
      },
    },
  ],
  ['a gateway’s 404', { status: 404, body: { message: 'no Route matched with those values' } }],
  ['another gateway’s 404', { status: 404, body: { message: 'Not Found' } }],
  ['a 502 page', { status: 502, body: '<html><h1>502 Bad Gateway</h1></html>' }],
  ['a 503 in JSON', { status: 503, body: { message: 'ATLANTIC_QUERY_NOT_FOUND' } }],
  ['a 504 page', { status: 504, body: '<html><h1>504 Gateway Time-out</h1></html>' }],
  ['a page with 200', { status: 200, body: '<html>Just a moment...</html>' }],
  ['a redirection', { status: 302, body: '', headers: { location: 'https://login.example' } }],
  ['a list', { status: 200, body: [] }],
  ['a word', { status: 200, body: '"DONE"' }],
  ['half an answer', { status: 200, body: '{"atlanticQuery":{"id":"1","status":"DO' }],
  ['408', { status: 408, body: { message: 'query timeout' } }],
  ['425', { status: 425, body: { message: 'query too early' } }],
  ['429', { status: 429, body: { message: 'too many queries' } }],
]

/** The wait that a failure names. */
export function waitOf(failure: unknown): number | undefined {
  return (failure as ProverUnavailableError).retryAfterMs
}
