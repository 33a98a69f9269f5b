import type { BatchesResult, BatchesSlots, BatchesWay } from './batches.ts'
import type { CycleResult } from './cycle.ts'
import type { HistoryResult } from './history.ts'
import type { LaneResult } from './lane.ts'
import type { LiquidateResult } from './liquidate.ts'
import type { LoadResult } from './load.ts'
import type { PositionsResult } from './positions.ts'
import type { BenchResult } from './run-bench.ts'
import type { ScanResult } from './scan.ts'
import type { ShadowResult } from './shadow.ts'
import type { WatchResult } from './watch.ts'
import type { WritesResult } from './writes.ts'

/** For people: one line for each stage. */
export function benchTable(results: readonly BenchResult[]): string {
  const rows = results.map((result) => [
    String(result.markets),
    result.stage,
    `${inDigits(result.cpuMs)} ms`,
    `${inDigits(result.wallMs)} ms`,
    `${inDigits((result.cpuMs / result.markets) * 1_000)} µs`,
    Object.entries(result.timesPeers)
      .map(([peer, times]) => `${inDigits(times)}× ${peer.replace(/^.*, /, '')}`)
      .join(', '),
  ])
  return table(['markets', 'stage', 'cpu', 'wall', 'cpu per market', 'as fast as'], rows)
}

/** For people: one line for each number of intents in flight, and how they came to be so many. */
export function laneTable(results: readonly LaneResult[]): string {
  const rows = results.map((result) => [
    String(result.inFlight),
    `lane on anvil, store in memory; ${laneLoads[result.load]}`,
    inDigits(result.intentsPerSecond),
    inDigits(result.writesPerIntent),
    `${inDigits(result.slotToBroadcastMs.p50)} ms`,
    `${inDigits(result.slotToBroadcastMs.p99)} ms`,
  ])
  const head = ['in flight', 'what', 'intents/s', 'writes/intent', 'slot to broadcast p50', 'p99']
  return table(head, rows)
}

const laneLoads: Readonly<Record<LaneResult['load'], string>> = {
  following: 'sent in turn, the others not final yet',
  'at-once': 'all decided in one slot',
}

/** For people: what each candidate takes of the processor, beside deciding alone, the live decision with its text, and a whole slot. */
export function shadowTable(results: readonly ShadowResult[]): string {
  const rows = results.map((one) => [
    one.candidate,
    String(one.markets),
    beside(one.candidateDecidingMs, one.decidingMs),
    beside(one.candidateMs, one.decisionMs),
    beside(one.candidateMs, one.slotMs),
  ])
  return table(
    ['what differs', 'markets', 'deciding alone', 'with its text', 'beside the whole slot'],
    rows,
  )
}

function beside(its: number, own: number): string {
  return `${inDigits(its)} of ${inDigits(own)} ms, ${inDigits((its / own) * 100)} %`
}

/** For people: one line for each number of subjects, where nothing is wrong and where everything is. */
export function watchTable(results: readonly WatchResult[]): string {
  return table(
    [
      'watched systems',
      'which are',
      'findings',
      'all rules',
      'a sweep',
      'its reads',
      'its writes',
      'the first',
      'its writes',
    ],
    results.map((one) => [
      String(one.subjects),
      one.state,
      String(one.findings),
      `${inDigits(one.rulesMs)} ms`,
      `${inDigits(one.sweepMs / 1_000)} s`,
      String(one.reads),
      String(one.writes),
      `${inDigits(one.firstMs / 1_000)} s`,
      String(one.firstWrites),
    ]),
  )
}

/** For people: one line for each keeper, and one for all. */
export function historyTable(results: readonly HistoryResult[]): string {
  const rows = results.map((result) => [
    result.keeper,
    String(result.slots),
    `${inDigits(result.textBytes / 1_000_000)} MB`,
    `${inDigits(result.packedBytes / 1_000_000)} MB`,
    `${inDigits(result.mbPerMarketDay)} MB`,
    `${inDigits(result.packMbPerSecond)} MB/s`,
    `${inDigits(result.unpackMbPerSecond)} MB/s`,
  ])
  const head = ['history of one market', 'slots', 'as text', 'packed', 'a market-day']
  return table([...head, 'packing, text', 'unpacking, text'], rows)
}

/** For people: one line for each program. */
export function cycleTable(results: readonly CycleResult[]): string {
  const rows = results.map((result) => [
    String(result.markets),
    result.who,
    result.cycleMs === undefined ? '' : `${inDigits(result.cycleMs)} ms`,
    result.afterLastAnswerMs === undefined ? '' : `${inDigits(result.afterLastAnswerMs)} ms`,
    `${inDigits(result.cpuMs)} ms`,
    `${inDigits(result.peakMib)} MiB`,
    String(result.failed),
  ])
  const head = ['markets', 'whole cycle', 'wall', 'after the last answer', 'cpu', 'most memory']
  return table([...head, 'failed'], rows)
}

/** For people: what each kind of row costs. */
export function writesTable(results: readonly WritesResult[]): string {
  const rows = results.map(({ markets, engine, writeUnits, blobs, blobBytes }) => {
    const counts = Object.entries(writeUnits)
    const total = counts.reduce((sum, [, units]) => sum + units, 0)
    const told = counts.map(([kind, units]) => `${kind.toLowerCase()} ${units}`).join(', ')
    const puts = `${blobs} of ${inDigits(blobBytes / 1024)} KiB`
    return [String(markets), `a price tick signed for ${engine}`, String(total), told, puts]
  })
  return table(['markets', 'written', 'write units', 'by row', 'blobs'], rows)
}

/** For people: what batches cost on their way, and how long slots take, for each number in flight. */
export function batchesTable(results: readonly BatchesResult[]): string {
  const ways = results.filter((one): one is BatchesWay => one.kind === 'way')
  const slots = results.filter((one): one is BatchesSlots => one.kind === 'slots')
  const costs = ways.map((one) => [
    String(one.inFlight),
    `closed to final, store ${batchStores[one.store]}`,
    `${inDigits(one.hours)} h`,
    inDigits(one.writesPerBatch),
    one.unitsPerBatch === undefined ? '' : inDigits(one.unitsPerBatch),
    one.unitsPerSlot === undefined ? '' : inDigits(one.unitsPerSlot),
    inDigits(one.proverCallsPerBatch),
    String(one.madaraPolls),
  ])
  const times = slots.map((one) => [
    String(one.inFlight),
    `one slot, store ${batchStores[one.store]}`,
    `${inDigits(one.allDueMs)} ms`,
    `${inDigits(one.noneDueMs)} ms`,
  ])
  const written = ['writes/batch', 'write units', 'units/slot besides']
  const costHead = ['in flight', 'what', 'in all', ...written, 'prover calls', 'Madara, computed']
  return [table(costHead, costs), table(['in flight', 'what', 'all due', 'none due'], times)].join(
    '\n',
  )
}

const batchStores: Readonly<Record<BatchesResult['store'], string>> = {
  memory: 'in memory',
  table: 'a table',
}

/** For people: one line for each kind of exchange. */
export function positionsTable(results: readonly PositionsResult[]): string {
  const rows = results.map((one) => [
    String(one.accounts),
    one.engine,
    `${inDigits(one.snapshotMib)} MiB`,
    String(one.changed),
    `${inDigits(one.restoredMs)} ms`,
    `${inDigits(one.readMs)} ms`,
  ])
  return table(['accounts', 'restored', 'snapshot', 'in the log', 'wall', 'then all read'], rows)
}

/** For people: what can be done to know who is below the margin, for each number of accounts. */
export function scanTable(results: readonly ScanResult[]): string {
  const rows = results.flatMap((one) => {
    const { accounts, wasmMs, calmMs } = one
    const of = (measured: number) => (measured < accounts ? `, of ${measured} and scaled` : '')
    const lines: readonly (readonly [string, number])[] = [
      ['all, wasm', wasmMs],
      ['all, plain TypeScript', one.plainMs],
      [`calm tick: ${inDigits(one.calmLooked)} looked at`, calmMs],
      [`a crash of 5 %: ${one.crashed} named`, one.crashMs],
      [`the book built: ${inDigits(one.mib)} MiB, rows ${inDigits(one.rowsMib)} MiB`, one.buildMs],
      [`the exact rule for each${of(one.exactOf)}`, one.exactMs],
      [`the same in decimal.js${of(one.decimalOf)}`, one.decimalMs],
      [`marginOf in requests of 100${of(one.callsOf)}`, one.batchedCallMs],
      [`marginOf one by one${of(one.callsOf)}`, one.callMs],
    ]
    return lines.map(([what, ms]) => [
      String(accounts),
      what,
      `${inDigits(ms)} ms`,
      `${inDigits((ms * 1e6) / accounts)} ns`,
      `${inDigits(accounts / ms / 1_000)} M`,
      `${inDigits(ms / wasmMs)}×`,
      `${inDigits(ms / calmMs)}×`,
    ])
  })
  const head = ['accounts', 'what', 'time', 'per account', 'accounts/s', 'as long as all by wasm']
  return table([...head, 'as a calm tick'], rows)
}

/** For people: what a slot of the keeper does until its liquidations are signed. */
export function liquidateTable({ accounts, crashes, each, stages }: LiquidateResult): string {
  const rows = stages.map(({ stage, ms }) => [
    String(accounts),
    stage,
    `${inDigits(ms.p50)} ms`,
    `${inDigits(ms.p99)} ms`,
  ])
  const told = `${crashes} crashes, of ${inDigits(each)} liquidations in the mean`
  return table(['accounts', told, 'p50', 'p99'], rows)
}

/** For people: one line for each function. */
export function loadTable(results: readonly LoadResult[]): string {
  const rows = results.map(({ function: name, bundleKib, cpuMs, wallMs }) => [
    `${inDigits(bundleKib)} KiB`,
    name,
    `${inDigits(cpuMs)} ms`,
    `${inDigits(wallMs)} ms`,
  ])
  return table(['bundle', 'function', 'cpu to load', 'wall'], rows)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows]
  const widths = lines[0]?.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((text, at) => aligned(text, at, widths?.[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('')
}

/** Words to the left, numbers to the right. */
function aligned(text: string, column: number, width: number): string {
  return column === 1 ? text.padEnd(width) : text.padStart(width)
}

function inDigits(value: number): string {
  if (!Number.isFinite(value)) return '-'
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
