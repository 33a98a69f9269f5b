import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  allWellSince,
  type RecoveryLook,
  recoveryOf,
  recoverySeconds,
  type SlotRecord,
  slotsBack,
} from '../../../lib/domain/liquidation/recovery.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const rules = { graceSeconds: 30, stageSeconds: 15, mostWaitSeconds: 60 }
const begin = timestamp(1_764_000_000_000)
const after = (seconds: number) => timestamp(begin + seconds * 1_000)

/** Slots that were done at these seconds; newest first, as jobs have them. */
function doneAt(...seconds: readonly number[]): readonly SlotRecord[] {
  return seconds
    .toSorted((one, other) => other - one)
    .map((at) => ({ claimedAt: after(at), outcome: { kind: 'done', reason: 'nothing-due' } }))
}

function badAt(second: number, kind: 'refused' | 'failed' = 'refused', reason = 'x'): SlotRecord {
  return { claimedAt: after(second), outcome: { kind, reason } }
}

/** One each second until a second before the beginning. */
function slots(many: number): readonly SlotRecord[] {
  return doneAt(...Array.from({ length: many }, (_, ago) => -ago - 1))
}

/** The stall was over at the beginning. */
function stageAt(seconds: number, change: Partial<RecoveryLook> = {}) {
  return recoveryOf(rules, {
    now: after(seconds),
    wellSince: begin,
    unpriced: 0,
    prices: doneAt(-5),
    funding: doneAt(-5),
    ...change,
  }).stage
}

describe('after a stall', () => {
  test('prices come first, then funding, then a grace, then the ramp, and then all is well', () => {
    const change = { prices: doneAt(-5, 4, 9, 14), funding: doneAt(-5, 3, 10, 20) }
    const stages = [3.9, 4, 9.9, 10, 39.9, 40, 84.9, 85].map((seconds) =>
      stageAt(seconds, {
        prices: change.prices.filter(({ claimedAt }) => claimedAt <= after(seconds)),
        funding: change.funding.filter(({ claimedAt }) => claimedAt <= after(seconds)),
      }),
    )
    expect(stages).toEqual([
      'prices',
      'funding',
      'funding',
      'grace',
      'grace',
      'ramp',
      'ramp',
      'well',
    ])
  })

  test('a slot of the other job that was refused is not what is waited for', () => {
    const prices = [badAt(6, 'failed'), badAt(3)]
    expect(stageAt(10, { prices })).toBe('prices')
    expect(stageAt(10, { prices: [...doneAt(8), ...prices] })).toBe('funding')
  })

  test('prices are waited for while one market has none, but not for ever', () => {
    const change = { prices: doneAt(1, 2), funding: doneAt(1, 2, 61), unpriced: 1 }
    expect([stageAt(59.9, change), stageAt(61, change)]).toEqual(['prices', 'grace'])
  })

  test('nor is funding that is never settled', () => {
    const change = { prices: doneAt(2), funding: [] }
    expect([stageAt(61.9, change), stageAt(62, change)]).toEqual(['funding', 'grace'])
  })

  test('what this deployment does not do is not waited for', () => {
    expect(stageAt(0, { prices: undefined, funding: undefined })).toBe('grace')
  })

  test('the grace runs from when funding was settled', () => {
    const look = { now: after(20), wellSince: begin, unpriced: 0 }
    expect(recoveryOf(rules, { ...look, prices: doneAt(4), funding: doneAt(7, 17) })).toEqual({
      stage: 'grace',
      since: after(7),
    })
  })

  test('whatever the others recorded, all is well in the end, and not before the grace is over', () => {
    const seconds = fc.array(fc.integer({ min: -50, max: 300 }), { maxLength: 20 })
    expect(recoverySeconds(rules)).toBe(195)
    fc.assert(
      fc.property(seconds, seconds, fc.nat(300), fc.nat(3), (prices, funding, now, unpriced) => {
        const until = (all: readonly number[]) => doneAt(...all.filter((at) => at <= now))
        const stage = stageAt(now, { prices: until(prices), funding: until(funding), unpriced })
        const isEarly = now < rules.graceSeconds && ['ramp', 'well'].includes(stage)
        const isLate = now >= recoverySeconds(rules) && stage !== 'well'
        expect([isEarly, isLate]).toEqual([false, false])
      }),
    )
  })

  test('it never goes back while prices stay', () => {
    const order = ['prices', 'funding', 'grace', 'ramp', 'well']
    const seconds = fc.array(fc.nat(200), { maxLength: 20 })
    fc.assert(
      fc.property(seconds, seconds, (prices, funding) => {
        const places = Array.from({ length: 260 }, (_, now) => {
          const until = (all: readonly number[]) => doneAt(...all.filter((at) => at <= now))
          return order.indexOf(stageAt(now, { prices: until(prices), funding: until(funding) }))
        })
        expect(places).toEqual(places.toSorted((one, other) => one - other))
      }),
    )
  })

  test('where there was none all is well at once', () => {
    expect(stageAt(0, { wellSince: undefined, unpriced: 1, prices: [], funding: [] })).toBe('well')
  })
})

describe('since when all is well', () => {
  const look = { now: after(0), everySeconds: 1, looksBack: 100 }

  test('is the first slot after one that was refused or failed', () => {
    const [refused, failed] = (['refused', 'failed'] as const).map((kind) =>
      allWellSince([...slots(10), badAt(-11, kind), ...doneAt(-12, -13)], look),
    )
    expect([refused, failed]).toEqual([after(-10), after(-10)])
    expect(allWellSince([badAt(-1), ...doneAt(-2)], look)).toBe(after(0))
  })

  test('is the first slot after half a minute without one, or after three that are longer', () => {
    expect(allWellSince(doneAt(-1, -2, -32, -33), look)).toBe(after(-33))
    expect(allWellSince(doneAt(-1, -2, -33, -34), look)).toBe(after(-2))
    const slow = { ...look, everySeconds: 20 }
    expect(allWellSince(doneAt(-20, -80, -100), slow)).toBe(after(-100))
    expect(allWellSince(doneAt(-20, -81, -100), slow)).toBe(after(-20))
  })

  test('is not known where it was so as far as anybody looks back', () => {
    expect(allWellSince(slots(100), look)).toBeUndefined()
    expect(allWellSince(slots(99), look)).toBe(after(-99))
    expect(allWellSince([], look)).toBe(after(0))
  })

  test('goes on where nobody was left to give way, and where a slot is still at work', () => {
    const waiting = { claimedAt: after(-4), outcome: undefined }
    const none = badAt(-3, 'refused', 'nobody-can-take')
    expect(allWellSince([...doneAt(-1, -2), none, waiting, ...doneAt(-5)], look)).toBe(after(-5))
  })

  test('is seen to the end of the last stage', () => {
    // 195 seconds of stages: 66 slots of three seconds end a second before it does.
    expect(slotsBack(rules, 3)).toBeGreaterThanOrEqual(66)
    for (const everySeconds of [1, 2, 5])
      expect((slotsBack(rules, everySeconds) - 2) * everySeconds).toBeGreaterThanOrEqual(195)
  })
})
