import { Buffer } from 'node:buffer'

import { describe, expect, test } from 'vitest'

import { coarserResult, valuesOf } from '../../../lib/tools/report/coarser.ts'
import { bandCurve, bandWords } from '../../../lib/tools/report/curves.ts'
import { packed, packedExactly } from '../../../lib/tools/report/packed.ts'
import { aBacktest, steady } from './a-backtest.ts'

describe('numbers as a page carries them', () => {
  test('are near what they were, also where a float alone would be too coarse, and nothing where there is none', () => {
    const numbers = [null, 97_123.456_789, 97_123.456_8, null]
    const { base, floats } = packed(numbers) as { base: number; floats: string }
    const bytes = Buffer.from(floats, 'base64')
    const read = numbers.map((_, place) => bytes.readFloatLE(place * 4) + base)
    expect(read[0]).toBeNaN()
    expect(read[3]).toBeNaN()
    expect(read[1]).toBe(97_123.456_789)
    expect(read[2]).toBeCloseTo(97_123.456_8, 9)
  })

  test('are exact where they are times', () => {
    const times = [1_678_492_800_123, 1_710_028_800_456]
    const { doubles } = packedExactly(times) as { doubles: string }
    const bytes = Buffer.from(doubles, 'base64')
    expect([bytes.readDoubleLE(0), bytes.readDoubleLE(8)]).toEqual(times)
  })
})

describe('a band', () => {
  const curve = { name: 'price', role: 'main', look: 'line' } as const

  test('is a line where each bucket has one value, and has its extremes where not', () => {
    expect(bandCurve(steady([1, 2, null]), curve)).not.toHaveProperty('low')
    const wide = bandCurve({ low: [1], high: [3], last: [2] }, curve)
    expect(wide).toHaveProperty('low')
    expect(wide).toHaveProperty('high')
  })

  test('is said in words', () => {
    const band = { low: [5, 1, null], high: [6, 9, null], last: [5, 2, null] }
    expect(bandWords('price', band, String)).toBe('price: 1 to 9, none at the end')
    expect(bandWords('price', steady([4]), String)).toBe('price: 4 to 4, 4 at the end')
    expect(bandWords('price', steady([null]), String)).toBe('price: nothing')
  })
})

describe('a result with more buckets than a page draws', () => {
  const result = aBacktest({ markets: ['BTC-USD'], buckets: 100 })

  test('is as it is where there are few', () => {
    expect(coarserResult(result, valuesOf(result))).toBe(result)
  })

  test('keeps every extreme, the last of each bucket, all pushes and the end', () => {
    const fine = {
      ...result,
      exchange: {
        ...result.exchange,
        axis: { bucketMs: 10, at: [10, 20, 30] },
        insuranceFund: { low: [3, 1, null], high: [5, 9, null], last: [4, 2, null] },
      },
    }
    const half = coarserResult(fine, valuesOf(fine, 2))
    expect(half.exchange.axis).toEqual({ bucketMs: 20, at: [20, 30] })
    expect(half.exchange.insuranceFund).toEqual({
      low: [1, null],
      high: [9, null],
      last: [2, null],
    })
    const [market, before] = [half.markets[0], fine.markets[0]]
    expect(market?.axis.at).toHaveLength(50)
    expect(market?.axis.at.at(-1)).toBe(before?.axis.at.at(-1))
    expect(sum(market?.pushes.perBucket)).toBe(sum(before?.pushes.perBucket))
    const source = (of: typeof market) => of?.sources[0]?.price.high ?? []
    expect(Math.max(...known(source(market)))).toBe(Math.max(...known(source(before))))
  })

  test('holds no more than it may', () => {
    expect(valuesOf(coarserResult(result, 700))).toBeLessThanOrEqual(700)
  })
})

function sum(counts: readonly number[] = []): number {
  return counts.reduce((all, count) => all + count, 0)
}

function known(values: readonly (number | null)[]): readonly number[] {
  return values.filter((value) => value !== null)
}
