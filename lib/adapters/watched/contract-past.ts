import type { LookedBefore } from '../../domain/watch/system-sight.ts'
import type { Rpc, RpcPlace } from '../rpc.ts'
import { firstToTell } from './ask-places.ts'
import { type ChainRow, remembered, rowsText } from './remembered.ts'
import { scanEvents, type SeenEvent } from './scan-events.ts'
import { scanLogs, type SeenLog } from './scan-logs.ts'
import { cursorText, type RangeScan, readCursor, type ScanCursor } from './scan-ranges.ts'

/** What a contract told until now. */
export type ContractPast = {
  readonly scan: Omit<RangeScan<unknown>, 'rows'>
  /** Of the blocks that this look read. */
  readonly fresh: readonly ChainRow[]
  /** All that is known, oldest first. */
  readonly rows: readonly ChainRow[]
  /** For the next look; `rows` may be fewer than here, where some are of no more use. */
  readonly cursorWith: (rows: readonly ChainRow[]) => Readonly<Record<string, string>>
}

type Kept = {
  /** How many of each name are remembered. */
  readonly most: (name: string) => number
  readonly windowMs: number
  readonly before: LookedBefore
}

/** Reads the logs of contracts on where earlier looks ended, through the first place that answers. Throws where none does. */
export async function contractPast(
  places: readonly RpcPlace[],
  {
    addresses,
    topics,
    rowsOf,
    ...kept
  }: Kept & {
    readonly addresses: readonly string[]
    readonly topics: readonly string[]
    readonly rowsOf: (logs: readonly SeenLog[]) => readonly ChainRow[]
  },
): Promise<ContractPast> {
  return pastThrough(places, kept, async (rpc, cursor) => {
    const { logs, ...scan } = await scanLogs(rpc, {
      addresses,
      topics,
      cursor,
      windowMs: kept.windowMs,
    })
    return { scan, fresh: rowsOf(logs) }
  })
}

/** The same of the events of one contract on Starknet. */
export async function eventsPast(
  places: readonly RpcPlace[],
  {
    address,
    selectors,
    rowsOf,
    ...kept
  }: Kept & {
    readonly address: `0x${string}`
    readonly selectors: readonly `0x${string}`[]
    readonly rowsOf: (events: readonly SeenEvent[]) => readonly ChainRow[]
  },
): Promise<ContractPast> {
  const [number, hash] = kept.before.cursor[headKey]?.split(' ') ?? []
  const last = number !== undefined && hash !== undefined && { number: Number(number), hash }
  return pastThrough(places, kept, async (rpc, cursor) => {
    const { events, head, ...scan } = await scanEvents(rpc, {
      address,
      selectors,
      cursor,
      windowMs: kept.windowMs,
      ...(last && { head: last }),
    })
    const marks = { [headKey]: `${head.number} ${head.hash}` }
    return { scan, fresh: rowsOf(events), marks }
  })
}

const scannedKey = 'logs'
const rowsKey = 'log-rows'
/** The newest block that events were read up to. */
const headKey = 'log-head'

async function pastThrough(
  places: readonly RpcPlace[],
  { most, before }: Kept,
  read: (
    rpc: Rpc,
    cursor: ScanCursor | undefined,
  ) => Promise<
    Pick<ContractPast, 'scan' | 'fresh'> & { readonly marks?: Readonly<Record<string, string>> }
  >,
): Promise<ContractPast> {
  const cursor = readCursor(before.cursor[scannedKey])
  const { value } = await firstToTell(places, async (rpc) => read(rpc, cursor))
  const { scan, fresh, marks } = value
  const rows = remembered(before.cursor[rowsKey], { ranges: scan.ranges, rows: fresh }, most)
  return {
    scan,
    fresh,
    rows,
    cursorWith: (some) => ({
      ...marks,
      [scannedKey]: cursorText(scan.cursor),
      [rowsKey]: rowsText(some),
    }),
  }
}
