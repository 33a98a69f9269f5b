import { expect, test } from 'vitest'

import { benchTable, laneTable, loadTable } from './bench-table.ts'
import { benchLane } from './lane.ts'
import { measureLoad } from './load.ts'
import { runBench } from './run-bench.ts'

// Only that it still runs: what it takes is for people to look at.
test('the benchmark measures every stage of a tick', async () => {
  const results = await runBench([2], { rounds: 1, leastRoundMs: 0 })
  expect(results.map(({ stage }) => stage)).toEqual([
    'fetch',
    'aggregate',
    'sign, starknet-perpetual',
    'verify, starknet-perpetual',
    'sign, evm-engine',
    'encode, starknet-perpetual',
    'encode, evm-engine',
    'sign, @scure/starknet alone',
    'verify, @scure/starknet alone',
  ])
  expect(results.every(({ cpuMs, wallMs }) => cpuMs >= 0 && wallMs > 0)).toBe(true)
  expect(benchTable(results).trim().split('\n')).toHaveLength(10)
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

test('the benchmark loads a function as it is deployed', async () => {
  const results = await measureLoad(1, ['plan-ticks'])
  expect(results).toMatchObject([{ function: 'plan-ticks' }])
  expect(results.every(({ bundleKib }) => bundleKib > 0)).toBe(true)
  expect(loadTable(results).trim().split('\n')).toHaveLength(2)
})
