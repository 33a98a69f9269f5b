import * as z from 'zod/mini'

import type { RpcNode } from '../../domain/rpc-node.ts'
import type { Clock } from '../../ports.ts'
import {
  type HttpAnswer,
  type HttpClient,
  httpClient,
  type HttpRequest,
  type MutualTls,
} from '../http-client.ts'
import { ChainUnavailableError, EndpointError, RateLimitedError } from './errors.ts'
import { hostOf, sendOnceMore } from './http.ts'
import { answered, isResting, newNode, placed, struck } from './node-health.ts'
import { restAsked, shownNode, stillResting } from './rpc-node.ts'
import { gatewayHead } from './starkex-head.ts'

/** The gateway of a StarkEx perpetual exchange. Both questions throw `ChainUnavailableError` where it gives no usable answer. */
export type StarkexGateway = {
  /** The next id whose predecessors it all has; 0 before the first transaction. */
  firstUnused(): Promise<number>
  /** Hands a transaction in, once or again: what it has already it takes again, where nothing in it is different. */
  add(body: string): Promise<GatewayAnswer>
  /** How it has done. */
  node(): RpcNode
}

export type GatewayAnswer =
  | { readonly kind: 'received' }
  /** `code` without the name of its enumeration before the dot. */
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string }

export type StarkexGatewayOptions = {
  readonly chain: string
  /** Of `/add_transaction` and its like. */
  readonly url: string
  /** Asked for once, with the first question; undefined where the gateway lets everybody in. */
  readonly tls: (() => Promise<MutualTls>) | undefined
  readonly clock: Clock
  readonly timeoutMs?: number | undefined
  readonly cutOff?: AbortSignal | undefined
}

/** StarkEx says that its gateway answers within 200 ms; a tick of many markets is large. */
const usualTimeoutMs = 10_000

export function starkexGateway(options: StarkexGatewayOptions): StarkexGateway {
  const { chain, clock, tls, timeoutMs = usualTimeoutMs, cutOff } = options
  const base = options.url.replace(/\/+$/, '')
  const host = hostOf(base)
  let opened: Promise<HttpClient> | undefined
  let health = newNode

  async function open(): Promise<HttpClient> {
    return httpClient({
      maxBytes: 1_000_000,
      keepAlive: true,
      headers: { 'content-type': 'application/json', 'user-agent': 'starkeep' },
      tls: await tls?.(),
    })
  }

  /** What cannot be read now may be there the next time. */
  async function client(): Promise<HttpClient> {
    opened ??= open().catch((error: unknown) => {
      opened = undefined
      throw error
    })
    return opened
  }

  /** A fault is held against it, and thrown as the chain's. */
  async function answer<T>(
    path: string,
    request: Omit<HttpRequest, 'url'>,
    read: (answer: HttpAnswer) => T,
  ): Promise<T> {
    const ask = await client()
    const began = clock.now()
    if (isResting(health, began))
      throw new ChainUnavailableError(chain, path.slice(1), [stillResting(host, health)])
    try {
      const url = `${base}${path}`
      const value = read(
        await sendOnceMore(ask, { url, ...request }, { timeoutMs, signal: cutOff }),
      )
      const now = clock.now()
      health = answered(health, { tookMs: Math.max(0, now - began), now })
      return value
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error
      const { trouble, detail } = error
      const now = clock.now()
      const restMs = restAsked(error, now)
      health = struck(health, { trouble, detail, now, jitter: 0.5, restMs })
      throw new ChainUnavailableError(chain, path.slice(1), [error])
    }
  }

  return {
    async firstUnused() {
      const id = await answer('/get_first_unused_tx_id', { method: 'GET' }, (said) =>
        readId(host, said),
      )
      const head = gatewayHead(id, clock.now())
      health = placed(health, { head, lagBlocks: 0, fit: true })
      return id
    },

    add: async (body) =>
      answer('/add_transaction', { method: 'POST', body }, (said) => readAnswer(host, said)),

    node: () => shownNode({ name: host, health: () => health }, clock.now()),
  }
}

function readId(host: string, answer: HttpAnswer): number {
  const text = answer.body.trim()
  const id = Number(text)
  if (answer.status === 200 && /^\d+$/.test(text) && Number.isSafeInteger(id)) return id
  throw strange(host, answer)
}

const Said = z.object({
  // Some releases put the name of the enumeration before it: StarkErrorCode.INVALID_TRANSACTION_ID.
  code: z.string().check(z.regex(/^(?:\w+\.)?[A-Z][A-Z0-9_]*$/)),
  message: z.nullish(z.string()),
})

/**
 * What it said of a transaction: by `code` alone, since what is refused comes with status 500 as often as with 200. A body
 * without one is no word of the gateway's, whatever its status.
 */
function readAnswer(host: string, answer: HttpAnswer): GatewayAnswer {
  const said = Said.safeParse(parsed(answer.body))
  if (!said.success) throw strange(host, answer)
  const code = said.data.code.slice(said.data.code.lastIndexOf('.') + 1)
  const reason = [code, said.data.message ?? ''].filter((text) => text !== '').join(': ')
  if (received.has(code)) return { kind: 'received' }
  if (ownTrouble.has(code)) throw new EndpointError(host, 'refused', beginning(reason))
  return { kind: 'refused', code, reason: beginning(reason) }
}

/** The perpetual gateway says the one, that of spot the other. */
const received = new Set(['TRANSACTION_RECEIVED', 'TRANSACTION_PENDING'])

/** Of the gateway and not of what it was sent (starkex-data-availability-committee error_handling.py). */
const ownTrouble = new Set([
  'API_FUNCTION_TEMPORARILY_DISABLED',
  'BATCH_ABORTED',
  'BATCH_CREATION_FAILURE',
  'BATCH_FULL',
  'BATCH_NOT_READY',
  'CONNECTION_ERROR',
  'MIGRATED_PIPELINE_OBJECT_MISSING',
  'MISSING_BLOCKCHAIN_ID',
  'MISSING_ENDPOINT_CONFIGURATION',
  'REQUEST_FAILED',
])

/** Where there is no word of the gateway's, the status says whose fault that is. */
function strange(host: string, { status, body, header }: HttpAnswer): EndpointError {
  if (status === 429) return new RateLimitedError(host, 'status 429', header('retry-after'))
  if (status !== 200) return new EndpointError(host, 'http', `status ${status}`)
  return new EndpointError(host, 'unreadable', `not an answer of a gateway: ${beginning(body)}`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function beginning(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 300)
}
