import { describe, expect, test } from 'vitest'

import { priceRound } from '../../lib/domain/aggregate-round.ts'
import type { AggregationRules } from '../../lib/domain/feed.ts'
import type { PriceRound } from '../../lib/domain/price-round.ts'
import type { TimeKind } from '../../lib/domain/quote.ts'
import {
  aFeed,
  after,
  aLeg,
  aQuote,
  feedOf,
  inShort,
  theFeeds,
  venues,
  verdictsOf,
} from './quotes.ts'

type Play = {
  /** Seconds, and each source's price then; `-` where it does not answer. Every quote bears the time of its round. */
  readonly rounds: readonly (readonly [seconds: number, prices: string])[]
  readonly minSources?: number
  readonly rules?: Partial<AggregationRules>
  readonly timeKind?: TimeKind
}

function play({ rounds, minSources = 2, rules = {}, timeKind = 'quote' }: Play): PriceRound {
  const [last] = rounds
    .map(([seconds, prices]) => ({ now: after(seconds * 1000), prices: prices.split(' ') }))
    .reduce<readonly PriceRound[]>(([before], { now, prices }) => {
      const sources = venues(prices.length)
      const venueTime = timeKind === 'none' ? undefined : now
      const quotes = prices.flatMap((price, at) =>
        price === '-'
          ? []
          : [aQuote(sources[at] ?? '', price, { timeKind, venueTime, receivedAt: now })],
      )
      const feeds = theFeeds(aFeed(sources, { minSources, rules }))
      const round = (before?.round ?? 0) + 1
      return [priceRound({ round, feeds, quotes, memory: before?.memory, now })]
    }, [])
  if (!last) throw new RangeError('nothing was played')
  return last
}

const letters = (round: PriceRound) =>
  verdictsOf(round)
    .map((verdict) => verdict[0])
    .join('')

/** Three at 100; the first stays, the others are at `others` so many seconds later. */
const lettersAfter = (seconds: number, others: string) =>
  letters(
    play({
      rounds: [
        [0, '100 100 100'],
        [seconds, `100 ${others} ${others}`],
      ],
    }),
  )

describe('a source that repeats its numbers', () => {
  test('is frozen once the others have moved and it has not for long enough, both to the last unit', () => {
    expect(lettersAfter(60.001, '100.10001')).toBe('faa')
    expect(lettersAfter(60.001, '100.1')).toBe('aaa')
    expect(lettersAfter(60, '100.10001')).toBe('aaa')
    expect(lettersAfter(60.001, '99.89999')).toBe('faa')
    expect(lettersAfter(60.001, '99.9')).toBe('aaa')
  })

  test.each<TimeKind>(['quote', 'trade', 'envelope', 'none'])(
    'is found whatever its time says: %s',
    (timeKind) => {
      const rounds = [
        [0, '100 100 100'],
        [61, '100 101 101'],
      ] as const
      expect(letters(play({ rounds, timeKind }))).toBe('faa')
    },
  )

  test('is fresh again as soon as it shows something else', () => {
    const frozen = [
      [0, '100 100 100'],
      [61, '100 101 101'],
    ] as const
    expect(letters(play({ rounds: [...frozen, [62, '101 101 101']] }))).toBe('aaa')
    expect(letters(play({ rounds: [...frozen, [62, '100 101 101.01']] }))).toBe('faa')
  })

  test('does not become young by being silent in between', () => {
    const rounds = [
      [0, '100 100 100'],
      [30, '- 101 101'],
      [61, '100 101 101.1'],
    ] as const
    expect(letters(play({ rounds }))).toBe('faa')
  })

  test('says for how long, and how far the others went', () => {
    const round = play({
      rounds: [
        [0, '100 100 100'],
        [61, '100 101 101'],
      ],
    })
    expect(feedOf(round).sources[0]?.detail).toBe('unchanged for 61 s while 2 others moved 1 %')
  })
})

describe('three of five that freeze', () => {
  const frozen = [
    [0, '100 100.02 100 100.01 99.99'],
    [61, '97 97.02 100 100.01 99.99'],
  ] as const

  test('do not outvote the two that live', () => {
    const round = play({ rounds: frozen })
    expect(letters(round)).toBe('aafff')
    expect(inShort(round)).toBe('97.01')
    expect(inShort(play({ rounds: frozen, minSources: 3 }))).toBe('refused too-few-sources')
  })

  test('do not vouch for each other when they froze one after the other', () => {
    const rounds = [
      [0, '100 100.02 100 100.01 99.98'],
      [10, '100 100.03 100 100.02 99.98'],
      [20, '100 100.02 100 100.02 99.99'],
      [85, '97 97.02 100 100.02 99.99'],
    ] as const
    expect(letters(play({ rounds }))).toBe('aafff')
  })

  test('are found to the last where they are five of seven and each stopped after the other', () => {
    const rounds = [
      [0, '100 100 100 100 100 100 100'],
      [10, '100 100.01 100.01 100.01 100.01 100 100'],
      [20, '100 100.01 100.02 100.02 100.02 100 100'],
      [30, '100 100.01 100.02 100.03 100.03 100 100'],
      [40, '100 100.01 100.02 100.03 100.04 100 100'],
      [101, '100 100.01 100.02 100.03 100.04 97 97'],
    ] as const
    const round = play({ rounds })
    expect(letters(round)).toBe('fffffaa')
    expect(inShort(round)).toBe('97')
  })

  test('are found even where one alone lives, and then there is no price', () => {
    const rounds = [
      [0, '100 100 100 100 100'],
      [61, '97 100 100 100 100'],
    ] as const
    const round = play({ rounds })
    expect(letters(round)).toBe('affff')
    expect(inShort(round)).toBe('refused too-few-sources')
  })
})

describe('nobody is frozen', () => {
  test('in a market that stands still', () => {
    const still = '100 100.02 99.98'
    expect(
      letters(
        play({
          rounds: [
            [0, still],
            [61, still],
            [3600, still],
          ],
        }),
      ),
    ).toBe('aaa')
  })

  test('where the others moved and came back', () => {
    const rounds = [
      [0, '100 100 100'],
      [30, '100 105 105'],
      [61, '100 100.05 99.95'],
    ] as const
    expect(letters(play({ rounds }))).toBe('aaa')
  })

  test('by one wild source among those that moved', () => {
    const rounds = [
      [0, '100 100 100 100 100'],
      [61, '100 100.01 100.02 99.99 150'],
    ] as const
    expect(letters(play({ rounds }))).toBe('aaaad')
  })

  test('by one that is out of all scale', () => {
    const rounds = [
      [0, '100 100 100 100'],
      [61, '100 100 100 1000000'],
    ] as const
    expect(letters(play({ rounds }))).toBe('aaai')
  })

  test('by one that was frozen itself and comes back to them', () => {
    const rounds = [
      [0, '100 100 100'],
      [61, '100 97 97'],
      [70, '97 97 97'],
      [125, '97 97 97'],
    ] as const
    expect(letters(play({ rounds: rounds.slice(0, 2) }))).toBe('faa')
    expect(letters(play({ rounds }))).toBe('aaa')
  })

  test('by one that was out of all scale and comes back to them', () => {
    const rounds = [
      [0, '100 100 100 100'],
      [10, '101 101 101 1000000'],
      [20, '101 101 101 101'],
      [75, '101 101 101 101'],
    ] as const
    expect(letters(play({ rounds: rounds.slice(0, 2) }))).toBe('aaai')
    expect(letters(play({ rounds }))).toBe('aaaa')
  })

  test('by a source that was not there before, until that one moves', () => {
    const came = [
      [0, '100 - -'],
      [30, '100 101 101'],
    ] as const
    expect(letters(play({ rounds: [...came, [61, '100 101 101']] }))).toBe('aaa')
    expect(letters(play({ rounds: [...came, [61, '100 102 102']] }))[0]).toBe('f')
  })

  test('without a memory', () => {
    expect(letters(play({ rounds: [[0, '97 97.02 96.98 100 100']] }))).toBe('aaadd')
  })
})

describe('moves are compared in USD', () => {
  const sources = ['a:BTC-USD', 'b:BTC-USD', 'c:BTC-USDT', 'd:BTC-USDT']
  const pegs = ['l1:USDT-USD', 'l2:USDT-USD', 'l3:USDT-USD']
  const feeds = theFeeds(aFeed(sources), { legs: { USDT: aLeg({ rules: { maxJumpBps: 5000 } }) } })
  const run = (rounds: readonly { seconds: number; peg: string; prices: readonly string[] }[]) =>
    rounds.reduce<PriceRound | undefined>((before, { seconds, peg, prices }) => {
      const venueTime = after(seconds * 1000)
      const quotes = [
        ...sources.map((source, at) => aQuote(source, prices[at] ?? '', { venueTime })),
        ...pegs.map((source) => aQuote(source, peg, { venueTime })),
      ]
      const memory = before?.memory
      return priceRound({ round: seconds, feeds, quotes, memory, now: venueTime })
    }, undefined)
  const before = { seconds: 0, peg: '1', prices: ['95', '95', '95', '95'] }

  test('a stablecoin that moves does not freeze those quoted in dollars', () => {
    const prices = ['95', '95', '100', '100']
    const round = run([before, { seconds: 61, peg: '0.95', prices }])
    expect(round && letters(round)).toBe('aaaa')
  })

  test('a source quoted in it that stands still then is frozen', () => {
    const prices = ['95', '95.01', '95', '100']
    const round = run([before, { seconds: 61, peg: '0.95', prices }])
    expect(round && verdictsOf(round)[2]).toBe('frozen')
  })
})

describe('the memory', () => {
  test('forgets a source that is no longer configured', () => {
    const first = play({ rounds: [[0, '100 100 100']] })
    const feeds = theFeeds(aFeed(venues(2)))
    const now = after(1000)
    const { memory } = priceRound({ round: 2, feeds, quotes: [], memory: first.memory, now })
    expect(Object.keys(memory.tuples['BTC-USD']?.sources ?? {})).toEqual([
      'v1 BTC-USD',
      'v2 BTC-USD',
    ])
    expect(JSON.stringify(memory)).not.toContain('v3')
  })

  test('keeps prices of those times only at which a source began to show what it shows', () => {
    const rounds = Array.from(
      { length: 50 },
      (_, at) => [at, `100 ${100 + at / 1000} 100`] as const,
    )
    const { memory } = play({ rounds })
    const { sources = {}, prices = {} } = memory.tuples['BTC-USD'] ?? {}
    const begun = [...new Set(Object.values(sources).map(({ since }) => `${since}`))]
    expect(Object.keys(prices).toSorted()).toEqual(begun.toSorted())
    expect(begun).toHaveLength(2)
  })
})
