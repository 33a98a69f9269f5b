import { describe, expect, test } from 'vitest'

import { Decimal } from '../../../lib/domain/decimal.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import {
  fewestRounds,
  type GuardRound,
  type GuardSight,
  tripped,
} from '../../../lib/domain/parameters/guards.ts'
import { type Offer, pushesOf } from '../../../lib/domain/parameters/told-by.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const start = 1_764_000_000_000
const at = (seconds: number) => timestamp(start + seconds * 1_000)
const market = parseMarket('BTC-USD')
const rules = {
  refusedPercent: 5,
  costFactor: 3,
  pushAgeFactor: 2,
  revertedPercent: 20,
  mostBps: 100,
  leanBps: 20,
}
const policy = (deviationBps: number, heartbeatSeconds = 86_400) => ({
  [market]: { deviationBps, heartbeatSeconds },
})
const policies = { own: policy(20), before: policy(20) }
const calm: GuardSight = { now: at(0), rounds: [], offers: {}, begun: {}, posted: {}, reverted: [] }

/** So many rounds of ten markets each, of which one is as said. */
function rounds(count: number, first: Partial<GuardRound>): readonly GuardRound[] {
  const plain = { feeds: 10, without: 0, withoutBefore: 0, gained: 0, apart: [] }
  return Array.from({ length: count }, (_, index) => ({ ...plain, ...(index === 0 && first) }))
}

/** A price each ten seconds, so far from the first one each. */
function offers(bps: readonly number[]): readonly Offer[] {
  return bps.map((one, index) => ({
    at: at(index * 10),
    prices: [
      { market, price: new Decimal(100).mul(10_000 + one).div(10_000), observedAt: at(index * 10) },
    ],
  }))
}

const withoutPrices = (own: number, before: number) =>
  tripped(
    { ...calm, rounds: rounds(10, { feeds: 10, without: own, withoutBefore: before }) },
    rules,
    policies,
  )

const gainedPrices = (count: number) =>
  tripped({ ...calm, rounds: rounds(10, { gained: count }) }, rules, policies)

const small = (count: number) => Array.from({ length: count }, (_, n) => (n % 2 === 0 ? 20 : 0))

const revertedOf = (bad: number, good: number) =>
  tripped(
    {
      ...calm,
      reverted: [
        ...Array.from({ length: bad }, () => true),
        ...Array.from({ length: good }, () => false),
      ],
    },
    rules,
    policies,
  )

describe('on probation a set is taken back', () => {
  test('where nothing was seen, nothing speaks against it', () => {
    expect(tripped(calm, rules, policies)).toBeUndefined()
  })

  test('where it refuses more prices than the set before and the rules allow, and not where it is as many', () => {
    // Ten rounds of ten markets: five of a hundred are allowed.
    expect(withoutPrices(4, 0)).toBeUndefined()
    expect(withoutPrices(5, 0)).toBeUndefined()
    expect(withoutPrices(6, 0)).toBe(
      '6 of 100 prices were refused or held in 10 rounds, 0 by the set before; 5 % more are allowed',
    )
    expect(withoutPrices(10, 5)).toBeUndefined()
    expect(withoutPrices(10, 4)).toContain('4 by the set before')
    expect(withoutPrices(0, 10)).toBeUndefined()
  })

  test('where it has more prices that the set before refuses than the rules allow, which nobody was told', () => {
    expect(gainedPrices(5)).toBeUndefined()
    expect(gainedPrices(6)).toBe(
      '6 of 100 prices in 10 rounds are such as the set before refuses or holds; 5 % are allowed',
    )
  })

  test('of too few rounds nothing is concluded', () => {
    const bad = { without: 10, gained: 10 }
    const of = (count: number) =>
      tripped({ ...calm, rounds: rounds(count, bad) }, rules, policies) === undefined
    expect(of(fewestRounds - 1)).toBe(true)
    expect(of(fewestRounds)).toBe(false)
  })

  test('where it tells more than so many times as many prices as the set before would have', () => {
    // Steps of 10 bps, there and back: the new set tells each of them, the old one only the wide ones.
    const narrow = { own: policy(10), before: policy(1_000) }
    const wide = [1_500, 3_000, 4_500, 6_000]
    const of = (count: number) =>
      tripped({ ...calm, offers: { evm: offers([0, ...small(count), ...wide]) } }, rules, narrow)
    // Four of the old set's, so that twelve are allowed.
    expect(of(8)).toBeUndefined()
    expect(of(9)).toBe(
      '13 prices were told to evm in 14 slots, and the set before would have told 4; 3 times as many are allowed',
    )
  })

  test('of fewer than ten pushes nothing is concluded, whatever the set before would have told', () => {
    const narrow = { own: policy(10), before: policy(10_000) }
    const of = (pushes: number) =>
      tripped(
        {
          ...calm,
          offers: { evm: offers(Array.from({ length: pushes + 1 }, (_, n) => (n % 2) * 20)) },
        },
        rules,
        narrow,
      )
    expect(of(9)).toBeUndefined()
    expect(of(10)).toContain('the set before would have told 0')
  })

  describe('where what is posted is much further from its price than the set before would leave it', () => {
    const rare = { own: policy(5_000), before: policy(20) }
    const moved = (bps: readonly number[], change: Partial<GuardSight> = {}) =>
      tripped({ ...calm, offers: { evm: offers(bps) }, ...change }, rules, rare)

    test('it is taken back with the first slot of it', () => {
      expect(moved([0, 50, 100])).toBeUndefined()
      // Both begin with the first; of the price that is offered then 1.02 of 101.02 are more than 100 bps.
      expect(moved([0, 102])).toBe(
        'what evm had of BTC-USD was up to 1.01 % further from its price than under the set before, in one slot; 100 bps are allowed',
      )
      expect(moved([0, -50, -99])).toBeUndefined()
      expect(moved([0, -50, -100, -200, -10])).toContain('up to 2.04 % further')
      expect(moved([0, -50, -100, -200, -10])).toContain('in 2 slots')
    })

    test('slow moves count from what was posted, however long ago', () => {
      const slow = {
        begun: { evm: { [market]: { price: new Decimal(97), publishedAt: at(-900) } } },
      }
      expect(moved([0, 1, 2], slow)).toContain('up to 3 % further')
      // What is told at once is not far: the chain may have stood still before.
      const both = { own: policy(200), before: policy(20) }
      const sight = { ...calm, offers: { evm: offers([0, 1, 2]) }, ...slow }
      expect(tripped(sight, rules, both)).toBeUndefined()
    })

    test('where the set before is the one that tells too rarely it is not', () => {
      const often = { own: policy(20), before: policy(5_000) }
      const sight = { ...calm, offers: { evm: offers([0, 300, 600]) } }
      expect(tripped(sight, rules, often)).toBeUndefined()
    })
  })

  test('where a posted price is older than so many of its heartbeats', () => {
    const own = policy(20, 60)
    const aged = (seconds: number) =>
      tripped({ ...calm, now: at(seconds), posted: { evm: { [market]: at(0) } } }, rules, {
        own,
        before: own,
      })
    expect(aged(119)).toBeUndefined()
    expect(aged(120)).toBeUndefined()
    expect(aged(121)).toBe(
      'the price of BTC-USD on evm is 121 s old, and its heartbeat is 60 s; 2 times that is allowed',
    )
  })

  test('a price of a market that is told nobody is never too old', () => {
    const posted = { evm: { 'ETH-USD': at(0) } }
    expect(tripped({ ...calm, now: at(1e6), posted }, rules, policies)).toBeUndefined()
  })

  test('where more of its transactions revert than are allowed, and not of four', () => {
    expect(revertedOf(1, 9)).toBeUndefined()
    expect(revertedOf(2, 8)).toBeUndefined()
    expect(revertedOf(3, 7)).toBe('3 of 10 transactions reverted; 20 % are allowed')
    expect(revertedOf(4, 0)).toBeUndefined()
    expect(revertedOf(5, 0)).toContain('5 of 5')
  })
})

describe('how many prices a policy tells', () => {
  test('the first is what both begin with, and each told one is what the next is measured from', () => {
    expect(pushesOf(offers([0, 0, 0]), policy(20))).toBe(0)
    expect(pushesOf(offers([0, 19, 20, 39, 40]), policy(20))).toBe(1)
    expect(pushesOf(offers([0, 30, 60, 90]), policy(20))).toBe(3)
    expect(pushesOf(offers([0, 0, 0, 0, 0, 0, 0]), policy(20, 30))).toBe(2)
  })

  test('a market that the set does not know is none of its pushes', () => {
    expect(pushesOf(offers([0, 900]), {})).toBe(0)
  })
})
