import { packSlots, unpackSlots } from '../../lib/adapters/store/slot-file.ts'
import type { SlotRecord } from '../../lib/ports.ts'
import { hoursOfMarket } from './history-records.ts'
import { IncompleteBenchError } from './tick.ts'

export type HistoryResult = {
  /** Whose slots. */
  readonly keeper: string
  readonly slots: number
  /** As text, before it was packed. */
  readonly textBytes: number
  readonly packedBytes: number
  /** What a day of one market takes, at this pace. */
  readonly mbPerMarketDay: number
  /** Of text, on one core. */
  readonly packMbPerSecond: number
  readonly unpackMbPerSecond: number
}

const slotsInDay = 17_280
const mb = 1_000_000

/** What is kept of one market with 14 sources and two conversions, packed by the hour as `pack-history` packs it. */
export async function benchHistory(hours: number): Promise<readonly HistoryResult[]> {
  const sums = new Map<string, Sum>()
  for await (const { publish, push } of hoursOfMarket(hours))
    for (const records of [publish, push]) await add(sums, records)
  const all = [...sums].map(([keeper, sum]) => resultOf(keeper, sum))
  return [...all, together(all)]
}

type Sum = {
  slots: number
  textBytes: number
  packedBytes: number
  packMs: number
  unpackMs: number
}

async function add(sums: Map<string, Sum>, records: readonly SlotRecord[]): Promise<void> {
  const keeper = records[0]?.keeper ?? ''
  const sum = sums.get(keeper) ?? {
    slots: 0,
    textBytes: 0,
    packedBytes: 0,
    packMs: 0,
    unpackMs: 0,
  }
  sums.set(keeper, sum)
  const before = cpuMs()
  const file = await packSlots(records)
  const packed = cpuMs()
  const back = [...unpackSlots(file, keeper)]
  const unpacked = cpuMs()
  if (JSON.stringify(back) !== JSON.stringify(records))
    throw new IncompleteBenchError('history', `${keeper} did not come back as it was`)
  sum.slots += records.length
  sum.textBytes += records.reduce(
    (all, one) => all + (one.view?.length ?? 0) + one.decided.length,
    0,
  )
  sum.packedBytes += file.byteLength
  sum.packMs += packed - before
  sum.unpackMs += unpacked - packed
}

function resultOf(keeper: string, sum: Sum): HistoryResult {
  const { slots, textBytes, packedBytes, packMs, unpackMs } = sum
  return {
    keeper,
    slots,
    textBytes,
    packedBytes,
    mbPerMarketDay: (packedBytes / slots) * (slotsInDay / mb),
    packMbPerSecond: textBytes / mb / (packMs / 1_000),
    unpackMbPerSecond: textBytes / mb / (unpackMs / 1_000),
  }
}

/** Speeds by how much there is of each. */
function together(all: readonly HistoryResult[]): HistoryResult {
  const sum = (of: (one: HistoryResult) => number): number =>
    all.reduce((total, one) => total + of(one), 0)
  const textBytes = sum((one) => one.textBytes)
  return {
    keeper: 'together',
    slots: sum(({ slots }) => slots),
    textBytes,
    packedBytes: sum((one) => one.packedBytes),
    mbPerMarketDay: sum((one) => one.mbPerMarketDay),
    packMbPerSecond: textBytes / sum((one) => one.textBytes / one.packMbPerSecond),
    unpackMbPerSecond: textBytes / sum((one) => one.textBytes / one.unpackMbPerSecond),
  }
}

/** Of all threads: some of it is done on another one. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
