import { expect, test } from 'vitest'

import { backtestTable, benchBacktest } from './backtest.ts'

// Only that it still runs: what it takes is for people to look at.
test('the benchmark plays recordings from files to their result, in a process of its own', async () => {
  const result = await benchBacktest(600)
  expect(result.series).toBe(20)
  expect(result.minutes).toBe(600)
  // One bar in five hundred is missing.
  expect(result.rows).toBeGreaterThan(11_900)
  expect(result.rows).toBeLessThan(12_000)
  expect(result.quotes).toBeGreaterThan(11_900)
  expect(result.pushes).toBeGreaterThan(100)
  expect(result.exactRounds).toBeLessThan(result.rounds / 2)
  for (const ms of [result.readMs, result.aggregateMs, result.exactMs, result.playMs])
    expect(ms).toBeGreaterThan(0)
  expect(backtestTable(result).split('\n')).toHaveLength(7)
})
