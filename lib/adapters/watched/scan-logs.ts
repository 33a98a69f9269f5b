import * as z from 'zod/mini'

import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { Rpc, RpcRequest } from '../rpc.ts'

export type SeenLog = {
  readonly address: string
  readonly topics: readonly `0x${string}`[]
  readonly data: `0x${string}`
  readonly block: number
  readonly at: Timestamp
  readonly transaction: string
  readonly index: number
}

export type LogScan = {
  /** Oldest first. */
  readonly logs: readonly SeenLog[]
  /** Of these blocks all logs are in `logs`, both ends included. */
  readonly ranges: readonly { readonly from: number; readonly through: number }[]
  /** Up to the newest block. What was never read of long ago comes in later scans. */
  readonly isCaughtUp: boolean
  /** For the next scan. */
  readonly cursor: ScanCursor
}

/** All blocks from `from` to `through` have been read. */
export type ScanCursor = {
  readonly from: number
  readonly through: number
  /** How many blocks the node took at once. */
  readonly width?: number
}

/** Blocks of Ethereum that a reorg has never reached past in years; they are read again each time. */
const overlap = 12

/** Most hosted nodes take 2,000 blocks at once; a node that does not is asked for a quarter of that, and so on. */
const span = 2_000

/** In one look; the rest of a long past is read in later ones. */
const maxQuestions = 6

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
  const oldest = Math.max(0, head.number - Math.ceil(wish.windowMs / 1000 / secondsPerBlock))
  const known = wish.cursor && stillThere(wish.cursor, head.number)
  const scan = scanner(rpc, { ...wish, width: known?.width })

  const fresh = known
    ? await scan.up(Math.max(0, known.through - overlap), head.number)
    : // Nothing is known yet: how long ago the last one was is what matters.
      { logs: [], ranges: [], through: head.number }
  const from = known ? Math.min(known.from, Math.max(0, known.through - overlap)) : head.number + 1
  const past = await scan.down(oldest, from - 1)
  const logs = [...past.logs, ...fresh.logs]
  const times = await timesOf(rpc, logs)
  return {
    logs: logs.map(({ time, ...log }) => ({ ...log, at: time ?? times.get(log.block) ?? head.at })),
    ranges: [...fresh.ranges, ...past.ranges],
    isCaughtUp: fresh.through >= head.number,
    cursor: {
      from: past.from ?? from,
      // Where it got no further than before, it begins at the same place again.
      through: Math.max(fresh.through, known?.through ?? 0),
      width: scan.width(),
    },
  }
}

/** A node may be a little behind the one that was asked before; where nothing of it is there, it is another chain. */
function stillThere(cursor: ScanCursor, head: number): ScanCursor | undefined {
  return cursor.from <= head ? { ...cursor, through: Math.min(cursor.through, head) } : undefined
}

export function readCursor(text: string | undefined): ScanCursor | undefined {
  const [, from, through, width] = /^(\d+)-(\d+)(?:\/(\d+))?$/.exec(text ?? '') ?? []
  if (from === undefined || through === undefined) return undefined
  return {
    from: Number(from),
    through: Number(through),
    ...(width !== undefined && { width: Number(width) }),
  }
}

export function cursorText({ from, through, width }: ScanCursor): string {
  return `${from}-${through}${width === undefined ? '' : `/${width}`}`
}

type RawLog = Omit<SeenLog, 'at'> & { readonly time: Timestamp | undefined }

function scanner(
  rpc: Rpc,
  {
    addresses,
    topics,
    width: last = span,
  }: {
    readonly addresses: readonly string[]
    readonly topics: readonly string[]
    readonly width: number | undefined
  },
) {
  let left = maxQuestions
  // Whoever took little once may take more by now; where not, half of that was right.
  let width = Math.min(span, last * 2)
  let shrinkBy = last < span ? 2 : 4

  /** Undefined where nothing is left to ask with, or the node takes no range at all. */
  async function range(from: number, most: number, isDown: boolean) {
    while (left > 0) {
      left -= 1
      const size = Math.min(width, most)
      const [low, high] = isDown ? [from - size + 1, from] : [from, from + size - 1]
      const [answer] = await rpc.answers([logsBetween(low, high, { addresses, topics })])
      if (answer.kind === 'result') return { logs: answer.value, from: low, through: high }
      if (size === 1) throw new LogsRefusedError(low, answer.error.message)
      width = Math.max(1, Math.floor(size / shrinkBy))
      shrinkBy = 4
    }
    return undefined
  }

  return {
    width: () => width,
    /** From one block up to another, as far as it may go. */
    async up(from: number, to: number) {
      const logs: RawLog[] = []
      let through = from - 1
      while (through < to) {
        const part = await range(through + 1, to - through, false)
        if (!part) break
        logs.push(...part.logs)
        ;({ through } = part)
      }
      return { logs, through, ranges: through >= from ? [{ from, through }] : [] }
    },
    /** From one block down to another, as far as it may go. */
    async down(to: number, from: number) {
      const parts: RawLog[][] = []
      let low: number | undefined
      for (let next = from; next >= to && left > 0;) {
        const part = await range(next, next - to + 1, true)
        if (!part) break
        parts.unshift([...part.logs])
        low = part.from
        next = part.from - 1
      }
      const ranges = low === undefined ? [] : [{ from: low, through: from }]
      return { logs: parts.flat(), from: low, ranges }
    },
  }
}

/** A node that will not even tell the logs of one block. */
export class LogsRefusedError extends Error {
  override readonly name = 'LogsRefusedError'

  constructor(block: number, reason: string) {
    super(`the node does not tell the logs of block ${block}: ${reason}`)
  }
}

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
