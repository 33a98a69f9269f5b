import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

import { httpServer } from '../http-server.ts'
import type { ActiveFaults } from './box-faults.ts'
import { rpcError } from './rpc-error.ts'
import type { RpcContext } from './rpc-method.ts'
import { answerRpc, refuseRpc, sendsTransaction } from './rpc.ts'

/** JSON-RPC over HTTP, at `/` and `/rpc`, with all that can be wrong with a connection. */
export function createRpcServer(faults: ActiveFaults, context: () => RpcContext): Server {
  const server = httpServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      // A fault of the box itself, which nobody shall take for an answer of Starknet.
      send(response, 500, { error: error instanceof Error ? error.message : 'unknown' })
    })
  })
  // Long enough that a keep-alive agent finds its connection open; stopping closes all of them.
  server.keepAliveTimeout = 65_000
  server.on('connection', (socket) => {
    if (faults.active('refuse') !== undefined) socket.destroy()
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request)
    if (faults.active('refuse') !== undefined) return void request.socket.destroy()
    const slow = faults.active('slow')
    if (slow !== undefined) await sleep(slow.ms)
    if (request.method !== 'POST') return send(response, 405, { error: 'JSON-RPC is sent by POST' })
    if (!/^\/(rpc)?(\?|$)/.test(request.url ?? '/'))
      return send(response, 404, { error: 'JSON-RPC is answered at / and /rpc' })
    const throttle = faults.use('throttle')
    if (throttle?.answer === 'http') {
      response.setHeader('retry-after', '1')
      return send(response, 429, { error: 'too many requests' })
    }
    if (throttle !== undefined)
      return send(response, 200, refuseRpc(body, rpcError('throttled').answer))
    const answered = answerRpc(body, context)
    const isDropped = sendsTransaction(body) && faults.use('drop-answer') !== undefined
    if (isDropped) return void request.socket.destroy()
    if (answered === undefined) return void response.writeHead(204).end()
    return send(response, 200, answered)
  }

  return server
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** The most that a transaction may need, several times over. */
const mostBodyBytes = 10_000_000

export async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > mostBodyBytes) throw new RangeError(`the body is over ${mostBodyBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
