import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

import * as z from 'zod/mini'

const Call = z.object({ id: z.number(), method: z.string(), params: z.unknown() })
type Call = z.infer<typeof Call>
const Answer = z.looseObject({ id: z.number() })
type Answer = z.infer<typeof Answer>

/** A node as it is seen through its provider, and what is wrong with it; a test changes it as it goes. */
export type FaultyNode = {
  readonly url: string
  /** What it was asked since the test last emptied it. */
  readonly asked: Call[]
  /** `dead`: it closes connections. `hangs`: it never answers. */
  trouble: 'none' | 'dead' | 'hangs' | 'html' | 'limit'
  /** The most blocks that it takes logs or events of at once. */
  maxRange: number
  /** The most events that it puts on a page. */
  maxPage: number
  /** What it answers in place of the truth; undefined where it tells that. */
  lie: (call: Call, truth: unknown) => unknown
  stop(): Promise<void>
}

export async function faultyNode(upstream: string): Promise<FaultyNode> {
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const node: FaultyNode = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    trouble: 'none',
    maxRange: Number.POSITIVE_INFINITY,
    maxPage: Number.POSITIVE_INFINITY,
    lie: () => undefined,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await json(request)
    const calls = z.array(Call).parse(Array.isArray(body) ? body : [body])
    node.asked.push(...calls)
    const { trouble } = node
    if (trouble === 'hangs') return
    if (trouble === 'dead') return void response.destroy()
    if (trouble === 'html') return void response.end('<html><h1>Welcome</h1></html>')
    const answers = await Promise.all(calls.map(answerOf))
    response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]))
  }

  async function answerOf(call: Call): Promise<Answer> {
    const { id } = call
    if (node.trouble === 'limit')
      return { id, error: { code: -32_005, message: 'daily request count exceeded' } }
    if (rangeOf(call) > node.maxRange)
      return { id, error: { code: -32_602, message: `at most ${node.maxRange} blocks at once` } }
    const answer = await fetch(upstream, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', ...call, params: paged(call, node.maxPage) }),
    })
    const truth = Answer.parse(await answer.json())
    const lie = node.lie(call, truth['result'])
    return lie === undefined ? truth : { id, result: lie }
  }

  return node
}

const LogFilter = z.tuple([z.object({ fromBlock: z.string(), toBlock: z.string() })])
const BlockNumber = z.object({ block_number: z.number() })
const EventFilter = z.object({
  filter: z.object({ from_block: BlockNumber, to_block: BlockNumber }),
})

function paged({ method, params }: Call, maxPage: number): unknown {
  if (method !== 'starknet_getEvents') return params
  const { filter } = Paged.parse(params)
  return { filter: { ...filter, chunk_size: Math.min(filter.chunk_size, maxPage) } }
}

const Paged = z.object({ filter: z.looseObject({ chunk_size: z.number() }) })

/** How many blocks are asked for at once. */
function rangeOf({ method, params }: Call): number {
  if (method === 'eth_getLogs') {
    const [{ fromBlock, toBlock }] = LogFilter.parse(params)
    return Number(toBlock) - Number(fromBlock) + 1
  }
  if (method === 'starknet_getEvents') {
    const { from_block: from, to_block: to } = EventFilter.parse(params).filter
    return to.block_number - from.block_number + 1
  }
  return 0
}

/** All of them answer every question with the same; with the truth where it is undefined. */
export function garbling(nodes: readonly FaultyNode[]): (answer: unknown) => void {
  return (answer) => {
    for (const node of nodes) node.lie = () => answer
  }
}
