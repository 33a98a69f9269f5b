import * as z from 'zod/mini'

import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { Rpc, RpcRequest } from '../rpc.ts'
import { Felt, FeltHex } from '../starknet-felt.ts'
import { blockBy } from '../starknet-read.ts'
import { type RangeAnswer, type RangeScan, type ScanCursor, scanRanges } from './scan-ranges.ts'

export type SeenEvent = {
  readonly keys: readonly bigint[]
  readonly data: readonly bigint[]
  readonly block: number
  readonly at: Timestamp
  readonly transaction: string
  /** Its place among those of its block that were asked for. */
  readonly index: number
}

export type EventScan = Omit<RangeScan<SeenEvent>, 'rows'> & {
  /** Oldest first. */
  readonly events: readonly SeenEvent[]
  readonly head: SeenHead
}

/** The newest block of a scan. */
export type SeenHead = { readonly number: number; readonly hash: string }

/** Starknet has gone back for an hour; so many blocks of two seconds are read again where it may have. */
const deepOverlap = 2_000

/** Where the head of the last scan is still there, no block before it is another one. */
const shallowOverlap = 50

/** Nodes look through some thousand blocks for one page. */
const span = 10_000

/** starknet-specs lets a page have 1024 events. */
const pageSize = 1_000

/** Of one range; where there are more, fewer blocks are asked for. */
const mostPages = 6

/**
 * The events of one contract: first what is new since the last scan, then a piece of what lies further back, until a window of
 * time is read. Throws what the node's trouble throws.
 */
export async function scanEvents(
  rpc: Rpc,
  wish: {
    readonly address: `0x${string}`
    readonly selectors: readonly `0x${string}`[]
    readonly cursor: ScanCursor | undefined
    readonly windowMs: number
    /** Of the last scan. */
    readonly head?: SeenHead | undefined
  },
): Promise<EventScan> {
  const [head] = await rpc.values([blockBy('latest')])
  const isUnchanged = wish.head !== undefined && (await isThere(rpc, wish.head))
  const msPerBlock = await paceOf(rpc, head)
  const { rows, ...scan } = await scanRanges(
    {
      head: head.number,
      oldest: Math.max(0, head.number - Math.ceil(wish.windowMs / msPerBlock)),
      cursor: wish.cursor,
      span,
      overlap: isUnchanged ? shallowOverlap : deepOverlap,
    },
    async (low, high) => eventsBetween(rpc, wish, { low, high }),
  )
  const times = await timesOf(rpc, rows)
  const places = new Map<number, number>()
  return {
    ...scan,
    head: { number: head.number, hash: head.hash },
    events: rows.map((event): SeenEvent => {
      const index = places.get(event.block) ?? 0
      places.set(event.block, index + 1)
      return { ...event, index, at: times.get(event.block) ?? head.time }
    }),
  }
}

async function isThere(rpc: Rpc, { number, hash }: SeenHead): Promise<boolean> {
  const [answer] = await rpc.answers([blockBy({ block_number: number })])
  return answer.kind === 'result' && answer.value.hash === hash
}

type RawEvent = Omit<SeenEvent, 'at' | 'index'>

async function eventsBetween(
  rpc: Rpc,
  wish: { readonly address: `0x${string}`; readonly selectors: readonly `0x${string}`[] },
  { low, high }: { readonly low: number; readonly high: number },
): Promise<RangeAnswer<RawEvent>> {
  const rows: RawEvent[] = []
  let token: string | undefined
  for (let page = 0; page < mostPages; page += 1) {
    const [answer] = await rpc.answers([eventsPage(wish, { low, high, token })])
    if (answer.kind === 'error') return { kind: 'refused', reason: answer.error.message }
    rows.push(...answer.value.rows)
    ;({ token } = answer.value)
    if (token === undefined) return { kind: 'rows', rows }
  }
  return { kind: 'refused', reason: `it has more than ${mostPages} pages of events` }
}

/** One page of a contract's events from one block up to another. */
export function eventsPage(
  {
    address,
    selectors,
  }: { readonly address: `0x${string}`; readonly selectors: readonly `0x${string}`[] },
  {
    low,
    high,
    token,
  }: { readonly low: number; readonly high: number; readonly token?: string | undefined },
): RpcRequest<{ readonly rows: readonly RawEvent[]; readonly token: string | undefined }> {
  const filter = {
    from_block: { block_number: low },
    to_block: { block_number: high },
    address,
    keys: [selectors],
    chunk_size: pageSize,
    ...(token === undefined ? {} : { continuation_token: token }),
  }
  return {
    method: 'starknet_getEvents',
    params: { filter },
    read(result) {
      const { events, continuation_token } = Page.parse(result)
      return {
        rows: events.map(({ keys, data, block_number, transaction_hash }) => ({
          keys,
          data,
          block: block_number,
          transaction: transaction_hash,
        })),
        token: continuation_token ?? undefined,
      }
    },
  }
}

const Page = z.object({
  events: z.array(
    z.object({
      keys: z.array(Felt),
      data: z.array(Felt),
      block_number: z.int(),
      transaction_hash: FeltHex,
    }),
  ),
  continuation_token: z.optional(z.nullable(z.string())),
})

/** Of the last ten thousand blocks. */
async function paceOf(
  rpc: Rpc,
  head: { readonly number: number; readonly time: Timestamp },
): Promise<number> {
  const back = Math.min(10_000, head.number)
  if (back === 0) return 2_000
  const [before] = await rpc.values([blockBy({ block_number: head.number - back })])
  return Math.max(100, (head.time - before.time) / back)
}

async function timesOf(
  rpc: Rpc,
  events: readonly RawEvent[],
): Promise<ReadonlyMap<number, Timestamp>> {
  const numbers = [...new Set(events.map(({ block }) => block))]
  if (numbers.length === 0) return new Map()
  const blocks = await rpc.values(numbers.map((number) => blockBy({ block_number: number })))
  return new Map(blocks.map(({ number, time }) => [number, timestamp(time)]))
}
