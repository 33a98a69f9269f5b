import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { feeAllowed } from '../../lib/domain/fee-allowance.ts'

describe('what work may cost', () => {
  test.for([
    [0, 50n],
    [15_000, 75n],
    [29_999, 99n],
    [30_000, 100n],
    [59_999, 100n],
    [60_000, 0n],
  ] as const)('of a minute worth 100, after %i ms', ([ageMs, allowed]) => {
    expect(feeAllowed({ worth: 100n, ageMs, lifeMs: 60_000 })).toBe(allowed)
  })

  test('is without limit where nobody says what it is worth', () => {
    expect(feeAllowed({ worth: undefined, ageMs: 1, lifeMs: 60_000 })).toBeUndefined()
  })

  test('never falls while it lives, and is never more than its worth', () => {
    const ms = fc.nat(200_000)
    const law = fc.property(fc.bigInt(0n, 2n ** 90n), ms, ms, ms, (worth, one, other, lifeMs) => {
      const [young, old] = one < other ? [one, other] : [other, one]
      const before = feeAllowed({ worth, ageMs: young, lifeMs }) ?? -1n
      const after = feeAllowed({ worth, ageMs: old, lifeMs }) ?? -1n
      expect(before).toBeLessThanOrEqual(worth)
      expect(old < lifeMs ? after >= before : after === 0n).toBe(true)
    })
    fc.assert(law, { numRuns: 500 })
  })
})
