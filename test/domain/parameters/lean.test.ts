import { describe, expect, test } from 'vitest'

import { whyAgainst } from '../../../lib/domain/parameters/against.ts'
import { type GuardSight, tripped } from '../../../lib/domain/parameters/guards.ts'
import { fewestToLean, leaning } from '../../../lib/domain/parameters/lean.ts'
import type { NotedPrice } from '../../../lib/domain/parameters/shadow-note.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const none = { kind: 'none', reason: 'depegged' } as const
const priced = (price: string) => ({ kind: 'price', price }) as const

/** The set on probation at `own`, the one before at 10000. */
const at = (own: string | undefined, feed = 'BTC-USD'): NotedPrice => ({
  feed,
  own: own === undefined ? none : priced(own),
  shadow: priced('10000'),
})

/** So many rounds with each of these, and so many in which both sets have the same. */
const rounds = (same: number, ...of: readonly (readonly [number, NotedPrice])[]) => [
  ...Array.from({ length: same }, () => []),
  ...of.flatMap(([count, one]) => Array.from({ length: count }, () => [one])),
]

const lean = (apart: readonly (readonly NotedPrice[])[]) =>
  leaning(apart, { mostBps: 20, of: 'own' })

describe('a market leans to one side', () => {
  test('where the middle of its distances is more than what is allowed, either way', () => {
    expect(lean(rounds(0, [30, at('10020')]))).toBeUndefined()
    expect(lean(rounds(0, [30, at('10020.01')]))).toMatchObject({ feed: 'BTC-USD', rounds: 30 })
    expect(lean(rounds(0, [30, at('9979.99')]))?.by.toFixed()).toBe('-0.002001')
  })

  test('and not where it strays now and then, however far, or as often to the one side as to the other', () => {
    expect(lean(rounds(16, [14, at('10099')]))).toBeUndefined()
    expect(lean(rounds(15, [15, at('10099')]))?.by.toFixed()).toBe('0.00495')
    expect(lean(rounds(0, [20, at('10090')], [20, at('9910')]))).toBeUndefined()
  })

  test('rounds in which one of the two has no price are none to compare', () => {
    expect(lean(rounds(10, [20, at('10050')], [200, at(undefined)]))).toMatchObject({ rounds: 30 })
    expect(lean(rounds(9, [20, at('10050')], [200, at(undefined)]))).toBeUndefined()
  })

  test('of fewer rounds than say anything nothing is concluded', () => {
    expect(lean(rounds(0, [fewestToLean - 1, at('10090')]))).toBeUndefined()
  })

  test('of several it is the one that leans furthest', () => {
    const both = Array.from({ length: 30 }, () => [at('10030', 'BTC-USD'), at('9960', 'ETH-USD')])
    expect(lean(both)?.feed).toBe('ETH-USD')
  })
})

describe('a set that leans', () => {
  const rules = {
    refusedPercent: 5,
    costFactor: 3,
    pushAgeFactor: 2,
    revertedPercent: 20,
    mostBps: 100,
    leanBps: 20,
  }

  test('is taken back on probation, though each of its prices is near enough to be told', () => {
    const seen = rounds(0, [40, at('10050')]).map((apart) => ({
      feeds: 4,
      without: 0,
      withoutBefore: 0,
      gained: 0,
      apart,
    }))
    const sight: GuardSight = {
      now: timestamp(1),
      rounds: seen,
      offers: {},
      begun: {},
      posted: {},
      reverted: [],
    }
    expect(tripped(sight, rules, { own: {}, before: {} })).toBe(
      'in the middle of 40 rounds BTC-USD is 0.5 % above what the set before makes of the same quotes; 20 bps are allowed',
    )
  })

  test('is spoken against in shadow, where the candidate is the other of the two', () => {
    const apart = [{ feed: 'BTC-USD', own: priced('10000'), shadow: priced('9960') }]
    const noted = Array.from({ length: 30 }, () => ({
      prices: { same: 3, apart, without: { own: 0, shadow: 0 } },
    }))
    expect(whyAgainst({ rounds: noted, offers: {} }, rules, { active: {}, candidate: {} })).toBe(
      'in the middle of 30 rounds its price of BTC-USD is 0.4 % below the active set’s, and 20 bps are allowed',
    )
  })
})
