import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  type Consensus,
  openConsensus,
  outsideBps,
} from '../../../lib/domain/backtest/consensus.ts'
import { consensusOf } from '../../oracle-compare/consensus.ts'

const price = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 9_950, max: 10_050 }).map((n) => n / 100) },
  { weight: 1, arbitrary: fc.constantFrom(60, 150, 100.0001) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
)
const slack = fc.constantFrom(1, 20, 100)

describe('the consensus', () => {
  test('is what spans of the same width agree on, found by another arithmetic', () => {
    fc.assert(
      fc.property(fc.array(price, { maxLength: 9 }), slack, (prices, slackBps) => {
        const finder = openConsensus(prices.length, slackBps)
        finder.prices.set(prices)
        finder.find()
        expect(finder.all).toEqual(expected(prices, slackBps))
      }),
      { numRuns: 2_000 },
    )
  })

  test('of all others says how far one is outside of them, whoever it is', () => {
    fc.assert(
      fc.property(fc.array(price, { minLength: 1, maxLength: 8 }), slack, (prices, slackBps) => {
        const finder = openConsensus(prices.length, slackBps)
        finder.prices.set(prices)
        finder.find()
        for (const [at, own] of prices.entries()) {
          const others = expected(prices.toSpliced(at, 1), slackBps)
          expect(finder.deviationOf(at)).toBe(outsideBps(own, others))
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('is nobody’s where two camps are as large, where one is alone, and where most are apart', () => {
    const unknown = { low: Number.NaN, high: Number.NaN, middle: Number.NaN }
    expect(found([100, 100, 60, 60])).toEqual(unknown)
    expect(found([100])).toEqual(unknown)
    expect(found([100, 100, 90, 80])).toEqual(unknown)
    expect(found([100, 100.1, 60])).toEqual({ low: 100, high: 100.1, middle: 100.05 })
  })
})

test('inside of what sound sources said nothing is off; outside it is counted from the edge, in bps of the middle', () => {
  const all = { low: 99, high: 101, middle: 100 }
  expect(outsideBps(99.5, all)).toBe(0)
  expect(outsideBps(102, all)).toBeCloseTo(100, 9)
  expect(outsideBps(98.5, all)).toBeCloseTo(-50, 9)
  expect(outsideBps(Number.NaN, all)).toBeNaN()
})

function found(prices: readonly number[]): Consensus {
  const finder = openConsensus(prices.length, 20)
  finder.prices.set(prices)
  finder.find()
  return finder.all
}

function expected(prices: readonly number[], slackBps: number): Consensus {
  const traded = prices.flatMap((close, at) =>
    Number.isNaN(close) ? [] : [{ venue: String(at), close, low: close, high: close }],
  )
  return consensusOf(traded, slackBps) ?? { low: Number.NaN, high: Number.NaN, middle: Number.NaN }
}
