import { expect, test } from 'vitest'

import { proofFinality } from '../../../lib/adapters/watched/proof-finality.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const minute = 60_000
const updatesAt = (...minutes: readonly number[]) => minutes.map((at) => timestamp(at * minute))

test('a block waits half a cadence, then as long as the last update was behind, then for L1', () => {
  // Intervals of 60, 50, 200 and 70 minutes: one stall makes no other cadence.
  const updates = updatesAt(0, 60, 110, 310, 380)
  const found = proofFinality({
    updates,
    settledBlockAt: timestamp(290 * minute),
    l1FinalityMs: 13 * minute,
  })
  expect(found).toEqual({
    by: 'validity proof',
    withdrawalMs: (32.5 + 90) * minute,
    finalMs: (32.5 + 90 + 13) * minute,
    basis:
      'half of 65.0 min between updates (median of 4), 90.0 min from a block to the update that holds it (the last one), 13.0 min until L1 is final',
  })
})

test('of three intervals the middle one counts, and a clock that is ahead makes no negative wait', () => {
  const found = proofFinality({
    updates: updatesAt(0, 10, 30, 60),
    settledBlockAt: timestamp(61 * minute),
    l1FinalityMs: 0,
  })
  expect(found?.withdrawalMs).toBe(10 * minute)
})

test('fewer than three intervals say nothing', () => {
  const settledBlockAt = timestamp(0)
  for (const updates of [[], updatesAt(0), updatesAt(0, 10, 20)])
    expect(proofFinality({ updates, settledBlockAt, l1FinalityMs: 0 })).toBeUndefined()
})
