import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  addTo,
  axisOf,
  bandOf,
  bucketCount,
  bucketMsOf,
  mostBuckets,
  openBand,
} from '../../../lib/domain/backtest/bands.ts'
import { dice, normal } from '../../../lib/domain/backtest/chance.ts'
import { addOne, listedOf, openList } from '../../../lib/domain/backtest/lists.ts'

describe('a long course', () => {
  test('keeps the lowest, the highest and the last of every bucket, and of all', () => {
    const values = fc.array(fc.integer({ min: -1_000, max: 1_000 }), {
      minLength: 1,
      maxLength: 300,
    })
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 20 }), (all, each) => {
        const buckets = Math.ceil(all.length / each)
        const band = openBand(buckets)
        for (const [at, value] of all.entries()) addTo(band, Math.floor(at / each), value)
        const { low, high, last } = bandOf(band, new Uint8Array(buckets).fill(1))
        for (let bucket = 0; bucket < buckets; bucket += 1) {
          const own = all.slice(bucket * each, (bucket + 1) * each)
          expect([low[bucket], high[bucket], last[bucket]]).toEqual([
            Math.min(...own),
            Math.max(...own),
            own.at(-1),
          ])
        }
        expect(Math.max(...high.map(Number))).toBe(Math.max(...all))
      }),
    )
  })

  test('has no value where there was none, and no bucket where there was no round', () => {
    const band = openBand(3)
    addTo(band, 0, 5)
    addTo(band, 0, Number.NaN)
    const seen = Uint8Array.from([1, 0, 1])
    expect(bandOf(band, seen)).toEqual({ low: [5, null], high: [5, null], last: [5, null] })
    const span = { from: 1_000, to: 3_000, everyMs: 1_000 }
    expect(axisOf(seen, span)).toEqual({ bucketMs: 1_000, at: [1_000, 3_000] })
  })

  test('has whole rounds in a bucket, one where they fit, and never more buckets than are drawn', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 600_000 }),
        fc.constantFrom(1_000, 60_000),
        (rounds, everyMs) => {
          const span = { from: 0, to: (rounds - 1) * everyMs, everyMs }
          expect(bucketMsOf(span) % everyMs).toBe(0)
          expect(bucketCount(span)).toBeLessThanOrEqual(mostBuckets)
          // The next smaller bucket would be too small; one round is the smallest of all.
          const smaller = (bucketMsOf(span) - everyMs) * mostBuckets
          expect(smaller).toBeLessThan(rounds * everyMs)
        },
      ),
    )
  })
})

describe('a long list', () => {
  test('keeps the largest in the order of time, and says how many there were', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 400 }), (sizes) => {
        const list = openList<number>()
        for (const [at, size] of sizes.entries()) addOne(list, 10, size, at)
        const { all, by, listed } = listedOf(list, 10, 'longest')
        expect(all).toBe(sizes.length)
        expect(by).toBe(sizes.length > 10 ? 'longest' : 'all')
        expect(listed).toEqual(listed.toSorted((a, b) => a - b))
        const kept = listed.map((at) => sizes[at] ?? 0).toSorted((a, b) => b - a)
        expect(kept).toEqual(sizes.toSorted((a, b) => b - a).slice(0, 10))
      }),
    )
  })
})

describe('chance', () => {
  test('is the same for the same words, and another for others', () => {
    expect(draws(1, 'account', 2)).toEqual(draws(1, 'account', 2))
    expect(draws(1, 'account', 2)).not.toEqual(draws(1, 'account', 3))
    expect(draws(1, 'account', 2)).not.toEqual(draws(2, 'account', 2))
  })

  test('is even, and normal where it is asked to be', () => {
    const next = dice('even')
    const count = 20_000
    const even = Array.from({ length: count }, next)
    expect(Math.min(...even)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...even)).toBeLessThan(1)
    const mean = even.reduce((sum, one) => sum + one, 0) / count
    // Four standard errors of each.
    expect(Math.abs(mean - 0.5)).toBeLessThan((4 * Math.sqrt(1 / 12)) / Math.sqrt(count))
    const bell = Array.from({ length: count }, () => normal(next))
    const middle = bell.reduce((sum, one) => sum + one, 0) / count
    const spread = bell.reduce((sum, one) => sum + one * one, 0) / count
    expect(Math.abs(middle)).toBeLessThan(4 / Math.sqrt(count))
    expect(Math.abs(spread - 1)).toBeLessThan((4 * Math.SQRT2) / Math.sqrt(count))
  })
})

function draws(...words: readonly (string | number)[]): readonly number[] {
  const next = dice(...words)
  return [next(), next(), next()]
}
