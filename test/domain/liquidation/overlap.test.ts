import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { isOverlapped } from '../../../lib/domain/liquidation/overlap.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const now = timestamp(1_764_000_000_000)

test('of slots that overlap exactly one goes on, in whatever order they were claimed', () => {
  const claims = fc.uniqueArray(fc.tuple(fc.nat(20), fc.nat(3_000)), {
    minLength: 1,
    maxLength: 6,
    selector: ([slot]) => slot,
  })
  fc.assert(
    fc.property(claims, (all) => {
      const slots = all.map(([slot, ago]) => ({
        slot,
        claimedAt: timestamp(now - ago),
        isEnded: false,
      }))
      const goingOn = slots.filter(
        ({ slot }) => !isOverlapped(slots, { slot, now, everySeconds: 1 }),
      )
      expect(goingOn).toHaveLength(1)
    }),
  )
})

test('one that has ended, or began five seconds ago and never ended, keeps nobody', () => {
  const other = (ago: number, isEnded = false) => ({
    slot: 1,
    claimedAt: timestamp(now - ago),
    isEnded,
  })
  const own = { slot: 2, claimedAt: now, isEnded: false }
  const asked = { slot: 2, now, everySeconds: 1 }
  expect(isOverlapped([own, other(1_000)], asked)).toBe(true)
  expect(isOverlapped([own, other(1_000, true)], asked)).toBe(false)
  expect(isOverlapped([own, other(5_000)], asked)).toBe(true)
  expect(isOverlapped([own, other(5_001)], asked)).toBe(false)
  expect(isOverlapped([own, other(14_000)], { ...asked, everySeconds: 5 })).toBe(true)
})
