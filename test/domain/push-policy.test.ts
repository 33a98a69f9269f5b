import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { Decimal } from '../../lib/domain/decimal.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import { NoPushPolicyError, pushesDue } from '../../lib/domain/push-policy.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { after, usd } from './quotes.ts'

/** Ten basis points, a hundred seconds. */
const policy = { deviationBps: 10, heartbeatSeconds: 100 }

type Case = {
  readonly price?: string
  readonly posted?: string | undefined
  /** Milliseconds since the posted price was published. */
  readonly age?: number
  /** Milliseconds by which the reports are newer than the posted price. */
  readonly newer?: number
}

/** Of each case, in order, what becomes of it. */
function verdicts(...cases: readonly Case[]): readonly string[] {
  const all = cases.map((each, index) => ({
    price: '100',
    posted: '100',
    age: 0,
    newer: 1_000,
    market: parseMarket(`M${index}-USD`),
    ...each,
  }))
  const due = pushesDue({
    candidates: all.map(({ market, price, age, newer }) => ({
      market,
      price: usd(price),
      observedAt: after(newer - age),
    })),
    posted: Object.fromEntries(
      all.flatMap(({ market, posted, age }) =>
        posted === undefined ? [] : [[market, { price: usd(posted), publishedAt: after(-age) }]],
      ),
    ),
    policy: Object.fromEntries(all.map(({ market }) => [market, policy])),
    now: after(0),
  })
  expect(due.map(({ market }) => market)).toEqual(all.map(({ market }) => market))
  return due.map(({ kind, why }) => (kind === 'due' ? why : `waits: ${why}`))
}

describe(pushesDue, () => {
  test('a market without a posted price is due', () => {
    expect(verdicts({ posted: undefined })).toEqual(['first'])
  })

  test.each([
    ['100.1', 'deviation'],
    ['100.099999999999999999', 'waits: unchanged'],
    ['99.9', 'deviation'],
    ['99.900000000000000001', 'waits: unchanged'],
    ['1000000', 'deviation'],
  ])('at %s against 100: %s', (price, said) => {
    expect(verdicts({ price })).toEqual([said])
  })

  test.each([
    [100_000, 'heartbeat'],
    [99_999, 'waits: unchanged'],
  ])('after %i ms: %s', (age, said) => {
    expect(verdicts({ age })).toEqual([said])
  })

  test('a heartbeat comes earlier by at most the jitter, never later, and the same each time', () => {
    const market = parseMarket('BTC-USD')
    const jittered = { ...policy, heartbeatJitterPercent: 20 }
    const dueAt = (publishedAt: number): number => {
      const isDue = (age: number): boolean => {
        const now = timestamp(publishedAt + age)
        const posted = {
          [market]: { price: new Decimal(100), publishedAt: timestamp(publishedAt) },
        }
        const candidates = [{ market, price: new Decimal(100), observedAt: now }]
        const look = { candidates, posted, policy: { [market]: jittered }, now }
        return pushesDue(look)[0]?.kind === 'due'
      }
      return Array.from({ length: 101 }, (_, at) => at * 1_000).find(isDue) ?? Number.NaN
    }
    const times = Array.from({ length: 60 }, (_, at) => dueAt(1_764_000_000_000 + at * 97_000))
    expect(Math.min(...times)).toBeGreaterThanOrEqual(80_000)
    expect(Math.max(...times)).toBeLessThanOrEqual(100_000)
    expect(new Set(times).size).toBeGreaterThan(8)
    expect(dueAt(1_764_000_000_000)).toBe(times[0])
  })

  test('never with reports that are not newer than the posted price', () => {
    const late = { price: '150', age: 1_000_000 }
    expect(verdicts({ ...late, newer: 1 })).toEqual(['deviation'])
    expect(verdicts({ ...late, newer: 0 }, { posted: undefined })).toEqual([
      'waits: not-newer',
      'first',
    ])
    expect(verdicts({ ...late, newer: -1 })).toEqual(['waits: not-newer'])
  })

  test.each<[Case, string]>([
    [{ price: '100.07' }, 'rider'],
    [{ price: '100.069999999999999999' }, 'waits: unchanged'],
    [{ price: '99.93' }, 'rider'],
    [{ age: 70_000 }, 'rider'],
    [{ age: 69_999 }, 'waits: unchanged'],
    [{ price: '100.07', newer: 0 }, 'waits: not-newer'],
  ])('%o beside one that is due: %s', (rider, said) => {
    for (const due of [{ posted: undefined }, { price: '101' }, { age: 100_000 }]) {
      expect(verdicts(rider, due)[0]).toBe(said)
      expect(verdicts(due, rider)[1]).toBe(said)
    }
  })

  test('nobody rides where nothing is due', () => {
    expect(verdicts({ price: '100.09' }, { age: 99_000 })).toEqual([
      'waits: unchanged',
      'waits: unchanged',
    ])
  })

  test('pushing leaves nothing due', () => {
    const price = fc.integer({ min: 1, max: 1_000_000 }).map(String)
    fc.assert(
      fc.property(price, (pushed) => {
        expect(verdicts({ price: pushed, posted: pushed })).toEqual(['waits: unchanged'])
      }),
    )
  })

  test('a market without a policy is an error that names it', () => {
    const market = parseMarket('BTC-USD')
    const candidates = [{ market, price: usd(1), observedAt: after(0) }]
    expect(() => pushesDue({ candidates, posted: {}, policy: {}, now: after(0) })).toThrow(
      NoPushPolicyError,
    )
  })
})
