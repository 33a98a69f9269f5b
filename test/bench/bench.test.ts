import { expect, test } from 'vitest'

import { benchTable, loadTable } from './bench-table.ts'
import { measureLoad } from './load.ts'
import { runBench } from './run-bench.ts'

// Only that it still runs: what it takes is for people to look at.
test('the benchmark measures every stage of a tick', async () => {
  const results = await runBench([2], { rounds: 1, leastRoundMs: 0 })
  expect(results.map(({ stage }) => stage)).toEqual([
    'fetch',
    'aggregate',
    'sign, starknet-perpetual',
    'sign, evm-engine',
    'encode, starknet-perpetual',
    'encode, evm-engine',
    'sign, @scure/starknet alone',
  ])
  expect(results.every(({ cpuMs, wallMs }) => cpuMs >= 0 && wallMs > 0)).toBe(true)
  expect(benchTable(results).trim().split('\n')).toHaveLength(8)
})

test('the benchmark loads a function as it is deployed', async () => {
  const results = await measureLoad(1, ['plan-ticks'])
  expect(results).toMatchObject([{ function: 'plan-ticks' }])
  expect(results.every(({ bundleKib }) => bundleKib > 0)).toBe(true)
  expect(loadTable(results).trim().split('\n')).toHaveLength(2)
})
