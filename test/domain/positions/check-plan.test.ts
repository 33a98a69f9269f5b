import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  afterShares,
  dueShares,
  fullCheck,
  shareOf,
} from '../../../lib/domain/positions/check-plan.ts'

test('every account is compared within as many slots as there are shares, however little is done in each', () => {
  const slots = fc.integer({ min: 1, max: 20 })
  fc.assert(
    fc.property(slots, fc.array(fc.nat({ max: 3 }), { minLength: 60 }), (shares, extra) => {
      let plan = { next: 3 % shares, owed: 0 }
      const done = new Set<number>()
      for (const more of extra.slice(0, shares)) {
        const due = dueShares({ ...plan, owed: more }, shares)
        for (const share of due) done.add(share)
        plan = afterShares(plan, due.length, shares)
      }
      expect(done.size).toBe(shares)
    }),
  )
})

test('a full check is done as soon as there is time, and carries on where time was up', () => {
  const full = fullCheck(4)
  expect(dueShares(full, 4)).toEqual([0, 1, 2, 3])
  const rest = afterShares(full, 3, 4)
  expect(dueShares(rest, 4)).toEqual([3])
  expect(dueShares(afterShares(rest, 1, 4), 4)).toEqual([0])
})

test('accounts spread over the shares', () => {
  const counts = new Map<number, number>()
  for (let id = 0; id < 60_000; id += 1) {
    const share = shareOf(String(id), 60)
    counts.set(share, (counts.get(share) ?? 0) + 1)
  }
  expect(counts.size).toBe(60)
  expect(Math.min(...counts.values())).toBeGreaterThan(700)
  expect(Math.max(...counts.values())).toBeLessThan(1_300)
})
