import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { setTimeout as after } from 'node:timers/promises'

import * as z from 'zod/mini'

import type { BroadcastAnswer } from '../../../lib/domain/transaction.ts'

const Call = z.object({ id: z.number(), method: z.string(), params: z.array(z.unknown()) })

/** What one EVM node says and does; a test changes it as it goes. */
export type FakeRpcNode = {
  readonly url: string
  /** What it was asked, in order. */
  readonly asked: string[]
  height: number
  /** Of its newest block, in unix seconds. */
  seconds: number
  chainId: number
  latestNonce: number
  pendingNonce: number
  /** What it says to a transaction. */
  onSend: Extract<BroadcastAnswer['kind'], 'accepted' | 'known'> | { readonly refuses: string }
  /** What else may be wrong with it. `hangs`: it takes the request and never answers. */
  trouble:
    | 'none'
    | 'hangs'
    | 'html'
    | 'too-many'
    | 'limit'
    | 'broken'
    | { readonly slowMs: number }
    | { readonly retryAfter: string }
  stop(): Promise<void>
}

export async function fakeRpcNode(
  start: Partial<Pick<FakeRpcNode, 'height' | 'seconds' | 'latestNonce'>> = {},
): Promise<FakeRpcNode> {
  const server = createServer((request, response) => void handle(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const nonce = start.latestNonce ?? 0
  const node: FakeRpcNode = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    height: 100,
    seconds: Math.floor(Date.now() / 1000),
    chainId: 1,
    latestNonce: nonce,
    pendingNonce: nonce,
    onSend: 'accepted',
    trouble: 'none',
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
    ...start,
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await json(request)
    const calls = z.array(Call).parse(Array.isArray(body) ? body : [body])
    node.asked.push(...calls.map(({ method }) => method))
    const { trouble } = node
    if (trouble === 'hangs') return
    if (trouble === 'html') return void response.end('<html><h1>Welcome</h1></html>')
    if (trouble === 'too-many') return void response.writeHead(429).end('slow down')
    if (trouble === 'broken') return void response.writeHead(503).end()
    if (typeof trouble === 'object' && 'retryAfter' in trouble)
      return void response.writeHead(429, { 'Retry-After': trouble.retryAfter }).end('slow down')
    if (typeof trouble === 'object') await after(trouble.slowMs)
    const limited = { error: { code: -32005, message: 'daily request count exceeded' } }
    const answers = calls.map(({ id, method, params }) => ({
      jsonrpc: '2.0',
      id,
      ...(trouble === 'limit' ? limited : said(node, method, params)),
    }))
    response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]))
  }

  return node
}

function said(node: FakeRpcNode, method: string, params: readonly unknown[]): object {
  switch (method) {
    case 'eth_chainId':
      return { result: hex(node.chainId) }
    case 'eth_getBlockByNumber': {
      const number = params[0] === 'latest' ? node.height : Number(params[0])
      if (number > node.height) return { result: null }
      const timestamp = hex(node.seconds - (node.height - number) * 12)
      const hash = `0x${number.toString(16).padStart(64, '0')}`
      return { result: { number: hex(number), hash, timestamp, baseFeePerGas: '0x1' } }
    }
    case 'eth_getTransactionCount':
      return { result: hex(params[1] === 'latest' ? node.latestNonce : node.pendingNonce) }
    case 'eth_getBalance':
      return { result: hex(node.height) }
    case 'eth_sendRawTransaction':
      if (node.onSend === 'accepted') return { result: `0x${'ab'.repeat(32)}` }
      if (node.onSend === 'known') return { error: { code: -32000, message: 'already known' } }
      return { error: { code: -32000, message: node.onSend.refuses } }
    case 'eth_getTransactionReceipt':
    case 'eth_getTransactionByHash':
      return { result: null }
    default:
      return { error: { code: -32601, message: `there is no ${method}` } }
  }
}

function hex(value: number): string {
  return `0x${value.toString(16)}`
}
