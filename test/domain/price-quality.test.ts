import { expect, test } from 'vitest'

import { priceQuality } from '../../lib/domain/price-quality.ts'
import type { PriceRound } from '../../lib/domain/price-round.ts'
import { acceptedAt, after, feedOf, roundOf, start } from './quotes.ts'

const inNumbers = (round: PriceRound) => {
  const { dispersionBps, confidenceBps, ...rest } = priceQuality(feedOf(round), after(3_000))
  return {
    ...rest,
    dispersionBps: dispersionBps?.toNumber(),
    confidenceBps: confidenceBps?.toNumber(),
  }
}

test('of a price: how many agree, how far apart they are, how sure and how old it is', () => {
  // The quartiles of five are the second and the fourth: 99.9 and 100.1, 10 bps from 100.
  expect(inNumbers(roundOf(['99.8', '99.9', '100', '100.1', '100.2', undefined]))).toEqual({
    agreeing: 5,
    sources: 6,
    dispersionBps: 40,
    confidenceBps: 10,
    inputAgeMs: 3_000,
  })
})

test('a source that disagrees widens neither', () => {
  const { agreeing, dispersionBps } = inNumbers(roundOf(['100', '100', '100', '100', '150']))
  expect([agreeing, dispersionBps]).toEqual([4, 0])
})

test('of what is held: how far apart, and no more', () => {
  const held = roundOf(['110', '110', '110.11'], { memory: acceptedAt('100') })
  expect(inNumbers(held)).toEqual({
    agreeing: 3,
    sources: 3,
    dispersionBps: 10,
    confidenceBps: undefined,
    inputAgeMs: undefined,
  })
})

test('of what is refused: how many there were', () => {
  expect(inNumbers(roundOf(['100', undefined, undefined], { now: start }))).toEqual({
    agreeing: 1,
    sources: 3,
    dispersionBps: undefined,
    confidenceBps: undefined,
    inputAgeMs: undefined,
  })
})
