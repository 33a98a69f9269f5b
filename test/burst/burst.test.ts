import { expect, test } from 'vitest'

import { playBurst } from './burst.ts'

const shape = { accounts: 1_000, liquidations: 30, deleverages: 30, seed: 10, insuranceUsd: 200 }

test('a burst is worked off slot by slot: nobody is left, nothing is lost or done twice', async () => {
  const report = await playBurst({ ...shape, mostPerSlot: 10 })
  expect(report).toMatchObject({ problems: [], accounts: 1_000 })
  expect(report.left).toBeLessThan(3)
  // Whoever fell is in it at least once; positions of bankrupt accounts are taken by several or paid for by the fund.
  expect(report.below - report.broke).toBe(30)
  expect(report.took.liquidations).toBeGreaterThanOrEqual(30)
  expect(report.took.deleverages).toBeGreaterThan(0)
  expect(report.peak.liquidations).toBeLessThanOrEqual(10)
  expect(report.peak.deleverages).toBeLessThanOrEqual(10)
})

test('with a larger budget it is over sooner', async () => {
  const [small, large] = await Promise.all(
    [5, 25].map(async (mostPerSlot) => playBurst({ ...shape, mostPerSlot })),
  )
  expect(small?.problems).toEqual([])
  expect(large?.clearedAfter).toBeLessThan(small?.clearedAfter ?? 0)
})

test('wherever its worker is killed in the midst, another one ends it, and nothing is lost or done twice', async () => {
  for (const killAtCall of [0, 4, 8, 12]) {
    const report = await playBurst({ ...shape, mostPerSlot: 10, killAtCall })
    expect([killAtCall, report.problems]).toEqual([killAtCall, []])
  }
}, 60_000)
