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
  /** What must be among the rows of that name, as the contract's own views say: a node without it does not tell all. */
  readonly mustHave?:
    | { readonly name: string; readonly isIt: (row: ChainRow) => boolean }
    | undefined
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
  { most, before, mustHave }: Kept,
  read: (
    rpc: Rpc,
    cursor: ScanCursor | undefined,
  ) => Promise<
    Pick<ContractPast, 'scan' | 'fresh'> & { readonly marks?: Readonly<Record<string, string>> }
  >,
): Promise<ContractPast> {
  const readOn = async (rpc: Rpc, cursor: ScanCursor | undefined): Promise<ContractPast> => {
    const { scan, fresh, marks } = await read(rpc, cursor)
    return {
      scan,
      fresh,
      rows: remembered(before.cursor[rowsKey], { ranges: scan.ranges, rows: fresh }, most),
      cursorWith: (some) => ({
        ...marks,
        [scannedKey]: cursorText(scan.cursor),
        [rowsKey]: rowsText(some),
      }),
    }
  }
  const last = readCursor(before.cursor[scannedKey])
  const known = remembered(before.cursor[rowsKey], { ranges: [], rows: [] }, most)
  const lacks = ({ scan, rows }: ContractPast): boolean => {
    if (!mustHave || !scan.isCaughtUp) return false
    // Where none of that name was ever seen, it may have been longer ago than is read.
    const isJudged = [...known, ...rows].some(({ name }) => name === mustHave.name)
    return isJudged && !rows.some((row) => row.name === mustHave.name && mustHave.isIt(row))
  }
  const { value } = await firstToTell(places, async (rpc, place) => {
    const past = await readOn(rpc, last)
    if (!lacks(past)) return past
    // What an earlier node left out counts as read: so it is read anew.
    const anew = await readOn(rpc, undefined)
    if (!lacks(anew)) return anew
    throw new PastLacksError(place)
  })
  return value
}

/** A node answers, but not with all that happened. */
export class PastLacksError extends Error {
  override readonly name = 'PastLacksError'

  constructor(place: string) {
    super(`${place} does not tell of what the contract itself says happened last`)
  }
}
