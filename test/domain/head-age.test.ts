import { describe, expect, test } from 'vitest'

import { isTooOld, maxHeadAgeMs } from '../../lib/domain/head-age.ts'
import { timestamp } from '../../lib/domain/time.ts'

describe('the newest block', () => {
  test('counts for five block times, but for fifteen seconds at least', () => {
    expect([0.25, 1, 3, 4, 12].map(maxHeadAgeMs)).toEqual([15_000, 15_000, 15_000, 20_000, 60_000])
  })

  test('is too old only past that, by our clock', () => {
    const now = timestamp(1_764_000_000_000)
    const head = { time: timestamp(now - 60_000) }
    expect(isTooOld(head, { now, blockSeconds: 12 })).toBe(false)
    expect(isTooOld(head, { now: timestamp(now + 1), blockSeconds: 12 })).toBe(true)
    expect(isTooOld({ time: timestamp(now + 5_000) }, { now, blockSeconds: 1 })).toBe(false)
  })
})
