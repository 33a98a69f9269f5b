import { describe, expect, test } from 'vitest'

import { whyAgainst } from '../../../lib/domain/parameters/against.ts'
import { type AnnouncedChange, frozenBy } from '../../../lib/domain/parameters/frozen.ts'
import { changesBetween, setName } from '../../../lib/domain/parameters/parameter-set.ts'
import { notSafer } from '../../../lib/domain/parameters/safer.ts'
import type { NotedPrice } from '../../../lib/domain/parameters/shadow-note.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const hash = 'ab'.repeat(32)

describe('two sets', () => {
  test('differ where a place has another value, or only one of them has it, in the order of places', () => {
    const before = { 'b.two': 2, 'a.one': 1, 'c.list': ['x', 'y'], 'd.gone': '1.0' }
    const after = { 'a.one': 1, 'b.two': 3, 'c.list': ['y', 'x'], 'e.new': 7 }
    expect(changesBetween(before, after)).toEqual([
      { path: 'b.two', from: 2, to: 3 },
      { path: 'c.list', from: ['x', 'y'], to: ['y', 'x'] },
      { path: 'd.gone', from: '1.0', to: undefined },
      { path: 'e.new', from: undefined, to: 7 },
    ])
    expect(changesBetween(before, { ...before })).toEqual([])
  })

  test('are called by number and the beginning of the hash, or are the file’s own', () => {
    expect(setName({ number: 7, hash })).toBe('set 7 (abababababab)')
    expect(setName(undefined)).toBe('the network file’s own set')
  })
})

describe('an emergency brings only what is more careful', () => {
  const deviation = 'markets.BTC-USD.push.deviationBps'
  const sources = 'markets.BTC-USD.sources'
  const halt = 'legs.USDT-USD.haltBelow'

  test.each([
    ['a lower threshold', { [deviation]: 20 }, { [deviation]: 10 }],
    ['a higher floor of a leg', { [halt]: '0.90' }, { [halt]: '0.95' }],
    ['fewer of the same sources', { [sources]: ['a', 'b', 'c'] }, { [sources]: ['a', 'c'] }],
    ['nothing', { [deviation]: 20 }, { [deviation]: 20 }],
  ])('%s', (_name, before, after) => {
    expect(notSafer(before, after)).toEqual([])
  })

  test('all else is told, place by place', () => {
    expect(
      notSafer(
        {
          [deviation]: 20,
          [halt]: '0.95',
          [sources]: ['a', 'b'],
          'markets.BTC-USD.push.heartbeatJitterPercent': 10,
          'markets.BTC-USD.push.maxAgeSeconds': 60,
        },
        {
          [deviation]: 21,
          [halt]: '0.9',
          [sources]: ['a', 'c'],
          'markets.BTC-USD.push.heartbeatJitterPercent': 5,
        },
      ),
    ).toEqual([
      'legs.USDT-USD.haltBelow: expected higher than 0.95, found 0.9',
      'markets.BTC-USD.push.deviationBps: expected lower than 20, found 21',
      'markets.BTC-USD.push.heartbeatJitterPercent: neither way is careful, so that it must be proposed',
      'markets.BTC-USD.push.maxAgeSeconds: expected a value before and after',
      'markets.BTC-USD.sources: expected fewer of the same than a, b, found a, c',
    ])
  })
})

describe('around an announced change', () => {
  const effectiveAt = timestamp(1_764_000_000_000)
  const upgrade: AnnouncedChange = {
    system: 'core',
    title: 'upgrade of the core',
    state: 'announced',
    announcedAt: timestamp(effectiveAt - 86_400_000),
    effectiveAt,
  }
  const frozen = (change: Partial<AnnouncedChange>, off: number) =>
    frozenBy([{ ...upgrade, ...change }], timestamp(effectiveAt + off), 3_600_000)

  test('parameters are frozen for as long before as after it, and no longer', () => {
    for (const off of [-3_600_000, 0, 3_600_000])
      expect(frozen({}, off)).toBe(
        '"upgrade of the core" of core, which takes effect 2025-11-24T16:00:00.000Z',
      )
    expect(frozen({}, -3_600_001)).toBeUndefined()
    expect(frozen({}, 3_600_001)).toBeUndefined()
  })

  test('what was dropped, came without notice or has no time freezes nothing', () => {
    expect(frozen({ state: 'dropped' }, 0)).toBeUndefined()
    expect(frozen({ announcedAt: effectiveAt }, 0)).toBeUndefined()
    const { effectiveAt: _, ...timeless } = upgrade
    expect(frozenBy([timeless], effectiveAt, 3_600_000)).toBeUndefined()
    expect(frozenBy([], effectiveAt, 3_600_000)).toBeUndefined()
  })
})

const rules = { mostBps: 100, leanBps: 20, refusedPercent: 5, costFactor: 3 }
const price = (text: string) => ({ kind: 'price', price: text }) as const
const none = { kind: 'none', reason: 'too-few-agree' } as const

/** A round of so many markets, of which these are otherwise. */
function round(of: number, apart: readonly NotedPrice[]) {
  const without = { own: 0, shadow: 0 }
  return { prices: { same: of - apart.length, apart, without } }
}

function against(rounds: Parameters<typeof whyAgainst>[0]['rounds']): string | undefined {
  return whyAgainst({ rounds, offers: {} }, rules, { active: {}, candidate: {} })
}

const againstAt = (shadow: string) =>
  against([
    round(100, [
      { feed: 'BTC-USD', own: price('10000'), shadow: price(shadow) },
      { feed: 'ETH-USD', own: price('100'), shadow: price('101') },
    ]),
  ])

const againstOf = (...apart: readonly NotedPrice[]) => against([round(20, apart)])

describe('a candidate’s shadow run speaks against it', () => {
  test('where it was in no round', () => {
    expect(against([])).toBe('it was in no round of prices yet')
    expect(against([round(1, [])])).toBeUndefined()
  })

  test('where nobody makes prices none are waited for', () => {
    const sight = { makesNoPrices: true, rounds: [], offers: {} } as const
    expect(whyAgainst(sight, rules, { active: {}, candidate: {} })).toBeUndefined()
  })

  test('where it could not decide', () => {
    expect(against([round(1, []), { failed: 'no such market' }])).toBe(
      'it could not decide 1 of 2 rounds: no such market',
    )
  })

  test('where a price of it is further away than is allowed, on either side', () => {
    expect(againstAt('9900')).toBeUndefined()
    expect(againstAt('10100')).toBeUndefined()
    expect(againstAt('9899.99')).toBe(
      '1 of its prices are more than 100 bps from the active set’s, BTC-USD by 1 % at worst',
    )
    expect(againstAt('10300')).toContain('BTC-USD by 3 % at worst')
  })

  test('where it has fewer prices, or more of them, than the active set by more than is allowed', () => {
    const lost = { feed: 'BTC-USD', own: price('1'), shadow: none }
    const gained = { feed: 'BTC-USD', own: none, shadow: price('1') }
    expect(againstOf(lost)).toBeUndefined()
    expect(againstOf(lost, lost)).toBe(
      'it has no price in 2 of 20 cases in which the active set has one',
    )
    expect(againstOf(lost, lost, gained)).toBeUndefined()
    expect(againstOf(gained)).toBeUndefined()
    expect(againstOf(gained, gained)).toBe(
      'it has a price in 2 of 20 cases in which the active set refuses or holds it',
    )
  })
})
