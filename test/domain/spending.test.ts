import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { feesPerDay, runway, type Spending, spent } from '../../lib/domain/spending.ts'
import { timestamp } from '../../lib/domain/time.ts'

const start = 1_764_000_000_000
const hourMs = 3_600_000

/** One transaction of that cost in each hour. */
function hourly(fees: readonly bigint[]): Spending | undefined {
  return fees.reduce<Spending | undefined>(
    (sum, fee, hour) => spent(sum, fee, timestamp(start + hour * hourMs)),
    undefined,
  )
}

test('a day costs what was paid, by the time in which it was; under an hour nobody can tell', () => {
  const once = hourly([10n])
  expect(once && feesPerDay(once)).toBeUndefined()
  // Eleven transactions of 10 in ten hours.
  const often = hourly(Array.from({ length: 11 }, () => 10n))
  expect(often && feesPerDay(often)).toBe(264n)
})

describe('a runway', () => {
  test('is counted in transactions at once, and in days after an hour', () => {
    expect(runway(1_000n, undefined)).toBeUndefined()
    expect(runway(1_000n, hourly([10n]))).toEqual({ transactions: 100, days: undefined })
    // Eleven transactions of 10 in ten hours: 264 a day.
    const lasts = runway(2_640n, hourly(Array.from({ length: 11 }, () => 10n)))
    expect(lasts?.transactions).toBe(264)
    expect(lasts?.days).toBeCloseTo(10, 6)
  })

  test('follows what things cost now: what is older than a day counts less and less', () => {
    const dear = Array.from({ length: 48 }, () => 1_000n)
    const cheap = Array.from({ length: 96 }, () => 10n)
    const lasts = runway(1_000n, hourly([...dear, ...cheap]))
    expect(lasts?.transactions).toBeGreaterThan(20)
    expect(runway(1_000n, hourly(dear))?.transactions).toBe(1)
  })

  test('of even spending is what a division says, however long it went on', () => {
    const law = fc.property(
      fc.integer({ min: 30, max: 300 }),
      fc.bigInt(10n ** 9n, 10n ** 15n),
      (hours, fee) => {
        const lasts = runway(240n * fee, hourly(Array.from({ length: hours }, () => fee)))
        expect(lasts?.days).toBeGreaterThan(9)
        expect(lasts?.days).toBeLessThan(11)
        expect(lasts?.transactions).toBeGreaterThanOrEqual(239)
        expect(lasts?.transactions).toBeLessThanOrEqual(240)
      },
    )
    fc.assert(law, { numRuns: 50 })
  })
})
