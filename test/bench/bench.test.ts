import { expect, test } from 'vitest'

import { evmMargin } from '../../lib/domain/margin/evm-margin.ts'
import { airnodeCalls } from './airnode-config.ts'
import { benchBatches } from './batches.ts'
import { benchFeeds, sourcesIn } from './bench-market.ts'
import {
  batchesTable,
  benchTable,
  cycleTable,
  historyTable,
  laneTable,
  liquidateTable,
  loadTable,
  positionsTable,
  scanTable,
  writesTable,
} from './bench-table.ts'
import { benchCycle } from './cycle.ts'
import { decimalSurplus } from './decimal-margin.ts'
import { benchHistory } from './history.ts'
import { benchLane } from './lane.ts'
import { benchLiquidate } from './liquidate.ts'
import { measureLoad } from './load.ts'
import { accountAt, bookAt } from './many-accounts.ts'
import { benchPositions } from './positions.ts'
import { runBench } from './run-bench.ts'
import { benchScan } from './scan.ts'
import { startBenchSimulators } from './simulators.ts'
import { benchWrites } from './writes.ts'

// Only that it still runs: what it takes is for people to look at.
test('the benchmark measures every stage of a tick', async () => {
  const results = await runBench([2], { rounds: 1, leastRoundMs: 0 })
  expect(results.map(({ stage }) => stage)).toEqual([
    'fetch',
    'aggregate',
    'hash and sign, our curve alone',
    'sign, starknet-perpetual',
    'verify, starknet-perpetual',
    'sign, evm-engine',
    'encode, starknet-perpetual',
    'encode, evm-engine',
    'hash and sign, @scure/starknet',
    'hash and sign, starknet',
    'verify, @scure/starknet alone',
  ])
  expect(results.every(({ cpuMs, wallMs }) => cpuMs >= 0 && wallMs > 0)).toBe(true)
  expect(benchTable(results).trim().split('\n')).toHaveLength(12)
})

test('a day of history of one market with 14 sources and two conversions is less than 5 MB', async () => {
  const results = await benchHistory(1)
  const [publish, push, together] = results
  expect([publish?.keeper, push?.keeper]).toEqual(['publish-prices', 'push-prices'])
  expect([publish?.slots, push?.slots]).toEqual([720, 720])
  // All that a slot is decided by, and what was decided: not less than the quotes alone are.
  expect(publish?.textBytes).toBeGreaterThan(720 * 10_000)
  expect(together?.mbPerMarketDay).toBeLessThan(5)
  expect(historyTable(results).trim().split('\n')).toHaveLength(4)
}, 120_000)

test('the benchmark does whole ticks in a process of its own', async () => {
  const result = await benchCycle(2, 2)
  expect(result.failed).toBe(0)
  expect(result.afterLastAnswerMs).toBeGreaterThan(0)
  expect(result.cycleMs).toBeGreaterThan(result.afterLastAnswerMs ?? Infinity)
  expect(cycleTable([result]).trim().split('\n')).toHaveLength(2)
})

test('the benchmark counts what a tick writes as the table does', async ({ skip }) => {
  const writes = await benchWrites(2)
  if ('reason' in writes) return skip(writes.reason)
  for (const { writeUnits, blobs } of writes) {
    // A slot's row is claimed and finished; of all others one is written, which begins a kilobyte.
    expect(writeUnits['TICK']).toBe(2)
    // What people see, what it takes to decide the slot again, the reports and the prices.
    expect(blobs).toBeLessThanOrEqual(4)
    const rows = ['HISTORY', 'PRICES', 'REPORT', 'SLOT', 'TICK']
    expect(Object.keys(writeUnits).toSorted()).toEqual(rows)
  }
  expect(writesTable(writes).trim().split('\n')).toHaveLength(3)
})

test('the benchmark finds in every answer where each price stands, for a node that knows places only', async () => {
  const simulators = await startBenchSimulators(2)
  try {
    const feeds = benchFeeds(2)
    const calls = await airnodeCalls(feeds, simulators.url)
    const places = calls.flatMap(({ beacons }) => beacons)
    expect(places).toHaveLength(sourcesIn(feeds).length)
    expect(new Set(calls.map(({ server }) => server)).size).toBe(20)
  } finally {
    await simulators.close()
  }
})

test('the benchmark sends intents through a lane, and counts what is stored for each', async () => {
  const results = await benchLane([1, 3], 4)
  expect(results.map(({ load, inFlight }) => [load, inFlight])).toEqual([
    ['following', 1],
    ['following', 3],
    ['at-once', 1],
    ['at-once', 3],
  ])
  for (const { intentsPerSecond, writesPerIntent, slotToBroadcastMs } of results) {
    expect(intentsPerSecond).toBeGreaterThan(0)
    // Added, claimed, sent, in a block, final: each in the lane's row, in the intent's, or in both.
    expect(writesPerIntent).toBeLessThanOrEqual(9)
    expect(slotToBroadcastMs.p99).toBeGreaterThanOrEqual(slotToBroadcastMs.p50)
  }
  expect(laneTable(results).trim().split('\n')).toHaveLength(5)
})

test('the benchmark brings batches from closed to final, and counts what each costs', async ({
  skip,
}) => {
  const wanted = { ways: { memory: [3], table: [3] }, slots: [5], rounds: 2 }
  const { results, reason } = await benchBatches(wanted)
  if (reason !== undefined) return skip(reason)
  expect(results.map(({ kind, store }) => [kind, store])).toEqual([
    ['way', 'memory'],
    ['slots', 'memory'],
    ['way', 'table'],
    ['slots', 'table'],
  ])
  const [memory, , table] = results
  if (memory?.kind !== 'way' || table?.kind !== 'way') throw new TypeError('they are ways')
  // The same keeper does the same on both, and every write is at least a unit.
  expect(table).toMatchObject({
    hours: memory.hours,
    writesPerBatch: memory.writesPerBatch,
    proverCallsPerBatch: memory.proverCallsPerBatch,
  })
  expect(table.unitsPerBatch).toBeGreaterThanOrEqual(table.writesPerBatch)
  // An hour of proving is longer than an hour, and is asked for less often than each 30 s.
  expect(memory.hours).toBeGreaterThan(1)
  expect(memory.proverCallsPerBatch).toBeLessThan(memory.madaraPolls)
  const times = results.flatMap((one) =>
    one.kind === 'slots' ? [one.allDueMs, one.noneDueMs] : [],
  )
  expect(Math.min(...times)).toBeGreaterThan(0)
  expect(batchesTable(results).trim().split('\n')).toHaveLength(7)
})

test('the benchmark loads a function as it is deployed', async () => {
  const results = await measureLoad(1, ['plan-ticks'])
  expect(results).toMatchObject([{ function: 'plan-ticks' }])
  expect(results.every(({ bundleKib }) => bundleKib > 0)).toBe(true)
  expect(loadTable(results).trim().split('\n')).toHaveLength(2)
})

test('the benchmark restores accounts in processes of their own', async () => {
  const results = await benchPositions(300, 1)
  expect(results.map(({ engine, changed }) => [engine, changed])).toEqual([
    ['starknet-perpetual', 24],
    ['evm-engine', 24],
  ])
  expect(results.every(({ restoredMs, readMs }) => restoredMs > 0 && readMs > 0)).toBe(true)
  expect(positionsTable(results).trim().split('\n')).toHaveLength(3)
})

test('the benchmark scans accounts in a process of their own, and asks the contract about some', async () => {
  const results = await benchScan([600], { rounds: 1, calls: 20 })
  expect(results.map(({ accounts, exactOf, callsOf }) => [accounts, exactOf, callsOf])).toEqual([
    [600, 600, 20],
  ])
  for (const { wasmMs, plainMs, calmMs, decimalMs, callMs, crashed } of results) {
    for (const ms of [wasmMs, plainMs, calmMs, decimalMs, callMs]) expect(ms).toBeGreaterThan(0)
    expect(crashed).toBeGreaterThan(0)
  }
  expect(scanTable(results).trim().split('\n')).toHaveLength(10)
})

test('a margin in decimals is the contract’s own to the last unit', () => {
  const book = bookAt([0.97, 1.02])
  for (let at = 0; at < 200; at += 1) {
    const account = accountAt(at, 3)
    const margin = evmMargin(account, book)
    if (margin.kind === 'unknown') throw new Error('it has prices')
    const surplus = String(margin.value - margin.requirement)
    expect(decimalSurplus(account, book).toFixed()).toBe(surplus)
  }
})

test('the benchmark liquidates whoever a crash lets fall, and looks at each stage', async () => {
  const result = await benchLiquidate(300, 3)
  expect(result.crashes).toBe(3)
  expect(result.each).toBeGreaterThan(0)
  for (const { ms } of result.stages) expect(ms.p99).toBeGreaterThanOrEqual(ms.p50)
  const last = result.stages.at(-1)?.ms.p50 ?? 0
  expect(last).toBeGreaterThan(0)
  expect(liquidateTable(result).trim().split('\n')).toHaveLength(8)
})
