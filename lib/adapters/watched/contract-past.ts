import type { LookedBefore } from '../../domain/watch/system-sight.ts'
import type { RpcPlace } from '../rpc.ts'
import { firstToTell } from './ask-places.ts'
import { type ChainRow, remembered, rowsText } from './remembered.ts'
import { cursorText, type LogScan, readCursor, scanLogs, type SeenLog } from './scan-logs.ts'

/** What a contract's logs told until now. */
export type ContractPast = {
  readonly scan: LogScan
  /** Of the blocks that this look read. */
  readonly fresh: readonly ChainRow[]
  /** All that is known, oldest first. */
  readonly rows: readonly ChainRow[]
  /** For the next look; `rows` may be fewer than here, where some are of no more use. */
  readonly cursorWith: (rows: readonly ChainRow[]) => Readonly<Record<string, string>>
}

const scannedKey = 'logs'
const rowsKey = 'log-rows'

/** Reads on where earlier looks ended, through the first place that answers. Throws where none does. */
export async function contractPast(
  places: readonly RpcPlace[],
  {
    addresses,
    topics,
    rowsOf,
    most,
    windowMs,
    before,
  }: {
    readonly addresses: readonly string[]
    readonly topics: readonly string[]
    readonly rowsOf: (logs: readonly SeenLog[]) => readonly ChainRow[]
    /** How many of each name are remembered. */
    readonly most: (name: string) => number
    readonly windowMs: number
    readonly before: LookedBefore
  },
): Promise<ContractPast> {
  const cursor = readCursor(before.cursor[scannedKey])
  const { value: scan } = await firstToTell(places, async (rpc) =>
    scanLogs(rpc, { addresses, topics, cursor, windowMs }),
  )
  const fresh = rowsOf(scan.logs)
  const rows = remembered(before.cursor[rowsKey], { ranges: scan.ranges, rows: fresh }, most)
  return {
    scan,
    fresh,
    rows,
    cursorWith: (kept) => ({ [scannedKey]: cursorText(scan.cursor), [rowsKey]: rowsText(kept) }),
  }
}
