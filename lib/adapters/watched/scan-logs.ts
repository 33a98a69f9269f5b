import * as z from 'zod/mini'

import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { Rpc, RpcRequest } from '../rpc.ts'
import { type RangeScan, type ScanCursor, scanRanges } from './scan-ranges.ts'

export type SeenLog = {
  readonly address: string
  readonly topics: readonly `0x${string}`[]
  readonly data: `0x${string}`
  readonly block: number
  readonly at: Timestamp
  readonly transaction: string
  readonly index: number
}

export type LogScan = Omit<RangeScan<SeenLog>, 'rows'> & {
  /** Oldest first. */
  readonly logs: readonly SeenLog[]
}

/** Blocks of Ethereum that a reorg has never reached past in years; they are read again each time. */
const overlap = 12

/** Most hosted nodes take 2,000 blocks at once. */
const span = 2_000

/**
 * The logs of contracts: first what is new since the last scan, then a piece of what lies further back, until a window of time
 * is read. Throws what the node's trouble throws.
 */
export async function scanLogs(
  rpc: Rpc,
  wish: {
    readonly addresses: readonly string[]
    /** The first topic is one of these. */
    readonly topics: readonly string[]
    readonly cursor: ScanCursor | undefined
    readonly windowMs: number
  },
): Promise<LogScan> {
  const [head] = await rpc.values([header('latest')])
  const secondsPerBlock = await paceOf(rpc, head)
  const { rows, ...scan } = await scanRanges(
    {
      head: head.number,
      oldest: Math.max(0, head.number - Math.ceil(wish.windowMs / 1000 / secondsPerBlock)),
      cursor: wish.cursor,
      span,
      overlap,
    },
    async (low, high) => {
      const [answer] = await rpc.answers([logsBetween(low, high, wish)])
      return answer.kind === 'result'
        ? { kind: 'rows', rows: answer.value }
        : { kind: 'refused', reason: answer.error.message }
    },
  )
  const times = await timesOf(rpc, rows)
  return {
    ...scan,
    logs: rows.map(({ time, ...log }) => ({ ...log, at: time ?? times.get(log.block) ?? head.at })),
  }
}

type RawLog = Omit<SeenLog, 'at'> & { readonly time: Timestamp | undefined }

/** Of the last thousand blocks. */
async function paceOf(rpc: Rpc, head: { readonly number: number; readonly at: Timestamp }) {
  const back = Math.min(1_000, head.number)
  if (back === 0) return 12
  const [before] = await rpc.values([header(head.number - back)])
  return Math.max(0.1, (head.at - before.at) / 1000 / back)
}

/** Of those blocks that nodes did not tell the time of beside the log. */
async function timesOf(rpc: Rpc, logs: readonly RawLog[]): Promise<ReadonlyMap<number, Timestamp>> {
  const untimed = [
    ...new Set(logs.filter(({ time }) => time === undefined).map(({ block }) => block)),
  ]
  if (untimed.length === 0) return new Map()
  const headers = await rpc.values(untimed.map((block) => header(block)))
  return new Map(headers.map(({ number, at }) => [number, at]))
}

function header(
  block: number | 'latest',
): RpcRequest<{ readonly number: number; readonly at: Timestamp }> {
  return {
    method: 'eth_getBlockByNumber',
    params: [block === 'latest' ? block : hex(block), false],
    read(result) {
      const { number, timestamp: time } = Header.parse(result)
      return { number: Number(number), at: timestamp(Number(time) * 1000) }
    },
  }
}

function logsBetween(
  from: number,
  through: number,
  {
    addresses,
    topics,
  }: { readonly addresses: readonly string[]; readonly topics: readonly string[] },
): RpcRequest<readonly RawLog[]> {
  return {
    method: 'eth_getLogs',
    params: [{ address: addresses, topics: [topics], fromBlock: hex(from), toBlock: hex(through) }],
    read: (result) =>
      Logs.parse(result)
        .filter(({ removed }) => removed !== true)
        .map((log) => ({
          address: log.address.toLowerCase(),
          topics: log.topics,
          data: log.data,
          block: Number(log.blockNumber),
          time:
            log.blockTimestamp === undefined
              ? undefined
              : timestamp(Number(log.blockTimestamp) * 1000),
          transaction: log.transactionHash,
          index: Number(log.logIndex),
        })),
  }
}

function hex(number: number): string {
  return `0x${number.toString(16)}`
}

const Hex = z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-fA-F]*$/))])
const Header = z.object({ number: Hex, timestamp: Hex })
const Logs = z.array(
  z.object({
    address: Hex,
    topics: z.array(Hex),
    data: Hex,
    blockNumber: Hex,
    transactionHash: Hex,
    logIndex: Hex,
    removed: z.optional(z.boolean()),
    blockTimestamp: z.optional(Hex),
  }),
)
