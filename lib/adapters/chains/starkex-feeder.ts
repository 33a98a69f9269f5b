import * as z from 'zod/mini'

import { isInStarkexRange, type StarkexField } from '../../domain/starkex/ranges.ts'
import { timestamp } from '../../domain/time.ts'
import type { HttpAnswer, HttpClient, MutualTls } from '../http-client.ts'
import { httpClient } from '../http-client.ts'
import type { BatchAnswer, BatchData, BatchInfo, StarkexFeeder } from '../starkex-feeder.ts'
import { ChainUnavailableError, EndpointError } from './errors.ts'
import { hostOf, sendOnceMore } from './http.ts'

export type StarkexFeederOptions = {
  readonly chain: string
  /** Of `/get_batch_info` and its like. */
  readonly feederUrl: string
  /** Of `/get_batch_data`. */
  readonly availabilityUrl: string
  readonly tls: (() => Promise<MutualTls>) | undefined
  readonly timeoutMs?: number | undefined
  readonly cutOff?: AbortSignal | undefined
}

/** l2beat/starkex-explorer waits so long for a batch's transactions. */
const usualTimeoutMs = 60_000

/** A batch of thousands of trades. */
const maxBytes = 64 * 1024 * 1024

/** The feeder and the availability gateway of a StarkEx exchange. */
export function starkexFeeder(options: StarkexFeederOptions): StarkexFeeder {
  const { chain, tls, timeoutMs = usualTimeoutMs, cutOff } = options
  const [feeder, availability] = [options.feederUrl, options.availabilityUrl].map((url) =>
    url.replace(/\/+$/, ''),
  )
  let opened: Promise<HttpClient> | undefined

  async function client(): Promise<HttpClient> {
    opened ??= open(tls).catch((error: unknown) => {
      opened = undefined
      throw error
    })
    return opened
  }

  async function asked<T>(url: string, read: (answer: HttpAnswer, host: string) => T): Promise<T> {
    const ask = await client()
    try {
      const request = { url, method: 'GET' } as const
      return read(await sendOnceMore(ask, request, { timeoutMs, signal: cutOff }), hostOf(url))
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error
      const what = new URL(url).pathname.split('/').at(-1) ?? url
      throw new ChainUnavailableError(chain, what, [error])
    }
  }

  return {
    lastBatchId: async () =>
      asked(`${feeder}/get_last_batch_id`, ({ status, body }, host) => {
        if (status === 404) return undefined
        if (status === 200 && /^-?\d{1,9}$/.test(body.trim())) return Number(body)
        throw strange(host, { status, body })
      }),

    info: async (id) =>
      asked(`${feeder}/get_batch_info?batch_id=${id}`, (answer, host) =>
        batchIn(answer, host, infoIn),
      ),

    data: async (id) =>
      asked(`${availability}/get_batch_data?batch_id=${id}`, (answer, host) =>
        batchIn(answer, host, dataIn),
      ),
  }
}

async function open(tls: StarkexFeederOptions['tls']): Promise<HttpClient> {
  return httpClient({
    maxBytes,
    keepAlive: true,
    headers: { 'user-agent': 'starkeep' },
    tls: await tls?.(),
  })
}

const Coded = z.object({ code: z.string() })

/** What is not there is told by a code, with whatever status. */
function batchIn<T>(
  { status, body }: HttpAnswer,
  host: string,
  read: (json: unknown) => BatchAnswer<T> | undefined,
): BatchAnswer<T> {
  const json = parsed(body)
  const coded = Coded.safeParse(json)
  if (coded.success) {
    const code = coded.data.code.slice(coded.data.code.lastIndexOf('.') + 1)
    if (code === 'BATCH_NOT_READY') return { kind: 'not-ready' }
    if (notThere.has(code)) return { kind: 'none', code }
    throw strange(host, { status, body })
  }
  const answer = status === 200 ? read(json) : undefined
  if (answer) return answer
  throw strange(host, { status, body })
}

const notThere = new Set([
  'BATCH_ABORTED',
  'BATCH_NOT_FOUND',
  'INVALID_BATCH_ID',
  'OUT_OF_RANGE_BATCH_ID',
])

const number = (field: StarkexField, form: RegExp) =>
  z
    .pipe(
      z.string().check(z.regex(form)),
      z.transform((text: string) => BigInt(text)),
    )
    .check(z.refine((value) => isInStarkexRange(field, value), `out of range for ${field}`))

const decimal = (field: StarkexField) => number(field, /^-?\d{1,40}$/)
const hex = (field: StarkexField) => number(field, /^0x[0-9a-f]{1,64}$/)
const root = z.string().check(z.regex(/^(?:0x)?[0-9a-f]{1,64}$/))

const Info = z.object({
  previous_batch_id: z.int(),
  sequence_number: z.int(),
  position_root: root,
  order_root: root,
  time_created: decimal('time'),
  txs_info: z.array(
    z.object({
      original_tx_id: z.int(),
      original_tx: z.unknown(),
      was_replaced: z.boolean(),
      alt_txs: z.nullish(z.array(z.unknown())),
    }),
  ),
})

function infoIn(json: unknown): BatchAnswer<BatchInfo> | undefined {
  const read = Info.safeParse(json)
  if (!read.success) return undefined
  const { data } = read
  return {
    kind: 'batch',
    batch: {
      previousId: data.previous_batch_id,
      sequence: data.sequence_number,
      positionRoot: data.position_root,
      orderRoot: data.order_root,
      createdAt: timestamp(Number(data.time_created) * 1000),
      transactions: data.txs_info.map((one) => ({
        id: one.original_tx_id,
        transaction: one.original_tx,
        alternatives: one.was_replaced ? (one.alt_txs ?? []) : undefined,
      })),
    },
  }
}

const Leaf = z.object({
  public_key: hex('felt'),
  collateral_balance: decimal('balance'),
  assets: z.record(
    z.string().check(z.regex(/^0x[0-9a-f]{1,30}$/)),
    z.object({ balance: decimal('balance'), cached_funding_index: decimal('fundingIndex') }),
  ),
})

const Data = z.object({
  update: z.nullable(
    z.object({
      prev_batch_id: z.int(),
      position_root: root,
      order_root: root,
      positions: z.record(z.string().check(z.regex(/^\d{1,20}$/)), Leaf),
    }),
  ),
})

function dataIn(json: unknown): BatchAnswer<BatchData> | undefined {
  const read = Data.safeParse(json)
  if (!read.success) return undefined
  const { update } = read.data
  if (!update) return { kind: 'not-ready' }
  return {
    kind: 'batch',
    batch: {
      previousId: update.prev_batch_id,
      positionRoot: update.position_root,
      orderRoot: update.order_root,
      positions: Object.entries(update.positions).map(([id, leaf]) => ({
        id,
        publicKey: leaf.public_key,
        collateral: leaf.collateral_balance,
        holdings: Object.entries(leaf.assets).map(([asset, held]) => ({
          asset: BigInt(asset),
          balance: held.balance,
          cachedIndex: held.cached_funding_index,
        })),
      })),
    },
  }
}

function strange(
  host: string,
  { status, body }: Pick<HttpAnswer, 'status' | 'body'>,
): EndpointError {
  if (status === 429) return new EndpointError(host, 'rate-limited', 'status 429')
  if (status !== 200) return new EndpointError(host, 'http', `status ${status}`)
  const beginning = body.replaceAll(/\s+/g, ' ').trim().slice(0, 300)
  return new EndpointError(host, 'unreadable', `not an answer about a batch: ${beginning}`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
