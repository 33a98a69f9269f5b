import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

import type { Clock } from '../../lib/ports.ts'
import { close, listen } from './http-server.ts'

/** How it fails, from now on; `none`: no more. */
type LifelineFault =
  | { readonly kind: 'none' }
  /** As if its address were another one. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'hang-up' }

export type LifelineReceiver = {
  /** What is told; who knows it can tell. */
  readonly url: string
  /** The secret in it. */
  readonly id: string
  /** `new` until it was told once; `down` where it has not been told for its period. */
  readonly state: () => 'new' | 'up' | 'down'
  /** What came, oldest first. */
  readonly log: () => readonly string[]
  readonly fail: (fault: LifelineFault) => void
  readonly close: () => Promise<void>
}

/** Bodies are kept up to so many characters, as healthchecks.io does with its default plan. */
const keptCharacters = 10_000
const keptBodies = 1_000

/**
 * Somebody outside who waits for signs of life, in the form of healthchecks.io: GET or POST at an address that nobody can guess,
 * answered `OK`; down where none comes for a period. https://healthchecks.io/docs/http_api/
 */
export async function lifelineReceiver({
  periodMs,
  clock,
  port = 0,
}: {
  readonly periodMs: number
  readonly clock: Clock
  readonly port?: number
}): Promise<LifelineReceiver> {
  const id = randomUUID()
  const bodies: string[] = []
  let lastAt: number | undefined
  let fault: LifelineFault = { kind: 'none' }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (fault.kind === 'hang-up') {
      request.socket.destroy()
      return
    }
    if (fault.kind === 'status') {
      response.writeHead(fault.status).end('out of order')
      return
    }
    const isKnown = fault.kind === 'none' && request.url === `/${id}`
    if (!isKnown || !['GET', 'HEAD', 'POST'].includes(request.method ?? '')) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found')
      return
    }
    const body = await text(request)
    lastAt = clock.now()
    bodies.push(body.slice(0, keptCharacters))
    if (bodies.length > keptBodies) bodies.shift()
    response.writeHead(200, { 'content-type': 'text/plain' }).end('OK')
  }

  const server = createServer((request, response) => void answer(request, response))
  const at = await listen(server, port)
  return {
    url: `http://${at}/${id}`,
    id,
    state: () => (lastAt === undefined ? 'new' : clock.now() - lastAt > periodMs ? 'down' : 'up'),
    log: () => bodies,
    fail: (next) => (fault = next),
    close: async () => close(server),
  }
}
