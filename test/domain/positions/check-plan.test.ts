import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  afterShares,
  dueShares,
  fullCheck,
  shareOf,
  whyFull,
} from '../../../lib/domain/positions/check-plan.ts'

test('every account is compared within as many slots as there are shares, however little is done in each', () => {
  const law = fc.property(
    fc.integer({ min: 1, max: 20 }),
    fc.array(fc.nat({ max: 3 }), { minLength: 20 }),
    (shares, extra) => {
      let plan = { next: 3 % shares, owed: 0, slot: 0 }
      const done = new Set<number>()
      for (const [slot, owed] of extra.slice(0, shares).entries()) {
        const due = dueShares({ ...plan, owed }, shares)
        for (const share of due) done.add(share)
        plan = afterShares(plan, due.length, { shares, slot })
      }
      expect(done.size).toBe(shares)
    },
  )
  fc.assert(law)
})

test('a full check is done as soon as there is time, and carries on where time was up', () => {
  const full = fullCheck({ next: 1, owed: 0, slot: 8 }, 4)
  expect(dueShares(full, 4)).toEqual([1, 2, 3, 0])
  const rest = afterShares(full, 3, { shares: 4, slot: 9 })
  expect(dueShares(rest, 4)).toEqual([0])
  expect(dueShares(afterShares(rest, 1, { shares: 4, slot: 10 }), 4)).toEqual([1])
})

test('a plan of more shares than there are now is one of those that there are', () => {
  expect(dueShares(fullCheck({ next: 59, owed: 0, slot: 8 }, 4), 4)).toEqual([3, 0, 1, 2])
})

test('everything is compared when the index begins, when a process does, and after a gap', () => {
  const plan = { next: 0, owed: 0, slot: 10 }
  expect(whyFull(undefined, { slot: 11, isFirst: true })).toBe('it begins')
  expect(whyFull(plan, { slot: 11, isFirst: true })).toBe('this process begins')
  expect(whyFull(plan, { slot: 15, isFirst: false })).toBe('4 slots were missed')
  expect(whyFull(plan, { slot: 14, isFirst: false })).toBeUndefined()
  expect(whyFull(plan, { slot: 11, isFirst: false })).toBeUndefined()
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
