import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { confidenceOf, medianDeviation, medianPrice } from '../../lib/domain/median.ts'
import { priceFromWire } from '../../lib/domain/price-message.ts'
import { usd } from './quotes.ts'

const all = (...prices: readonly string[]) => prices.map(usd)

describe(medianPrice, () => {
  test('is the middle of an odd count, in any order', () => {
    expect(medianPrice(all('3', '1', '2')).toFixed()).toBe('2')
    expect(medianPrice(all('7')).toFixed()).toBe('7')
  })

  test('is the average of the two middles of an even count', () => {
    expect(medianPrice(all('100', '100.1', '99.9', '10000000000')).toFixed()).toBe('100.05')
  })

  test('rounds a tie at the nineteenth decimal to the even neighbour', () => {
    expect(medianPrice([priceFromWire(1n), priceFromWire(2n)]).eq(priceFromWire(2n))).toBe(true)
    expect(medianPrice([priceFromWire(2n), priceFromWire(3n)]).eq(priceFromWire(2n))).toBe(true)
  })

  test('agrees with whole-number arithmetic at 18 decimals, ties to even', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(1n, 10n ** 30n), { minLength: 1, maxLength: 12 }), (units) => {
        expect(medianPrice(units.map(priceFromWire)).eq(priceFromWire(medianOfUnits(units)))).toBe(
          true,
        )
      }),
    )
  })

  test('there is none of nothing', () => {
    expect(() => medianPrice([])).toThrow(RangeError)
  })
})

describe(medianDeviation, () => {
  test('is the median of the distances', () => {
    const prices = all('70', '72', '66', '75', '69')
    expect(medianDeviation(prices, usd(70)).toFixed()).toBe('2')
  })
})

describe(confidenceOf, () => {
  // Sorted indices n >> 2 and its mirror, worked out by hand.
  test.each([
    { prices: all('100', '104'), median: '102', confidence: '2' },
    { prices: all('100', '101', '105'), median: '101', confidence: '4' },
    { prices: all('90', '99', '101', '150'), median: '100', confidence: '1' },
    { prices: all('60', '98', '100', '101', '160'), median: '100', confidence: '2' },
    { prices: all('1', '2', '4', '8', '16', '32', '64', '128'), median: '12', confidence: '20' },
  ])('of $prices is $confidence', ({ prices, median, confidence }) => {
    expect(confidenceOf(prices.toReversed(), usd(median)).toFixed()).toBe(confidence)
  })
})

/** Half to even, on whole units. */
function medianOfUnits(units: readonly bigint[]): bigint {
  const sorted = units.toSorted((a, b) => Number(a > b) - Number(a < b))
  const half = sorted.length / 2
  if (!Number.isInteger(half)) return sorted[Math.floor(half)] ?? 0n
  const sum = (sorted[half - 1] ?? 0n) + (sorted[half] ?? 0n)
  const down = sum / 2n
  return sum % 2n === 1n && down % 2n === 1n ? down + 1n : down
}
