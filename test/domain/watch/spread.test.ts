import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { medianOf, quantileOf } from '../../../lib/domain/watch/spread.ts'

// Zero below zero is no other place than zero.
const double = fc.double({ noNaN: true, min: -1e9, max: 1e9 }).map((value) => value + 0)
const few = fc.integer({ min: -3, max: 3 })

/** Also with many that are equal, in order and the other way round. */
const some = fc
  .oneof(...[few, double].map((one) => fc.array(one, { minLength: 1, maxLength: 60 })))
  .chain((all) => fc.constantFrom<readonly number[]>(all, inOrder(all), inOrder(all).toReversed()))

function inOrder(values: readonly number[]): readonly number[] {
  return values.toSorted((one, other) => one - other)
}

describe('of any values', () => {
  test('the median has as many before it as after it', () => {
    fc.assert(
      fc.property(some, (values) => {
        const sorted = inOrder(values)
        const [low = 0, high = 0] = [
          sorted[Math.ceil(sorted.length / 2) - 1],
          sorted[Math.floor(sorted.length / 2)],
        ]
        expect(medianOf(values)).toBeCloseTo((low + high) / 2)
      }),
    )
  })

  test('so large a share does not exceed the quantile, and a smaller one what is below it', () => {
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const sorted = inOrder(values)
        const place = Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)
        expect(quantileOf(values, percent / 100)).toBe(sorted[place])
      }),
    )
  })

  test('neither changes their order', () => {
    const values = [3, 1, 2, 5, 4]
    medianOf(values)
    quantileOf(values, 0.5)
    expect(values).toEqual([3, 1, 2, 5, 4])
  })

  test('of none there is neither', () => {
    expect([medianOf([]), quantileOf([], 0.5)]).toEqual([undefined, undefined])
  })
})
