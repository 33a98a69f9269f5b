import { describe, expect, test } from 'vitest'

import type { AggregationRules } from '../../lib/domain/feed.ts'
import type { PriceMemory, PriceRound } from '../../lib/domain/price-round.ts'
import { acceptedAt, after, inShort, outcomeOf, roundOf } from './quotes.ts'

type Step = {
  readonly prices: string
  /** Seconds since the round before; ten unless said otherwise. */
  readonly later?: number
  readonly round?: number
}

/** Every round of a play that begins ten seconds after 100 was accepted. */
function play(
  steps: readonly (Step | string)[],
  over: { minSources?: number; rules?: Partial<AggregationRules>; memory?: PriceMemory } = {},
): readonly PriceRound[] {
  let seconds = 0
  let memory = 'memory' in over ? over.memory : acceptedAt('100')
  return steps.map((step, index) => {
    const {
      prices,
      later = 10,
      round = index + 1,
    } = typeof step === 'string' ? { prices: step } : step
    seconds += later
    const now = after(seconds * 1000)
    const each = prices.split(' ').map((price) => (price === '-' ? undefined : price))
    const made = roundOf(each, { ...over, ...(memory && { memory }), round, now })
    memory = made.memory
    return made
  })
}

const said = (...args: Parameters<typeof play>) => play(...args).map((round) => inShort(round))

const nothing: PriceMemory = { tuples: {}, accepted: {}, held: {} }

/** Three sources at one price. */
const at = (price: string) => `${price} ${price} ${price}`

/** Seven sources, of which so many answer. */
const seven = (count: number, price: string) =>
  Array.from({ length: 7 }, (_, index) => (index < count ? price : '-')).join(' ')

describe('a jump', () => {
  test('of exactly the bound counts at once, one unit more is held', () => {
    expect(said([at('105')])).toEqual(['105'])
    expect(said([at('105.000000000000000001')])).toEqual(['hold jump'])
    expect(said([at('95')])).toEqual(['95'])
    expect(said([at('94.999999999999999999')])).toEqual(['hold jump'])
  })

  test('counts once a second round confirms it', () => {
    expect(said([at('110'), at('110'), at('110')])).toEqual(['hold jump', '110', '110'])
  })

  test('is confirmed within the hard band, whose edge is inside', () => {
    expect(said([at('110'), at('111.1')])).toEqual(['hold jump', '111.1'])
    expect(said([at('110'), at('111.100000000000000001')])).toEqual(['hold jump', 'hold jump'])
    expect(said([at('110'), at('108.9')])).toEqual(['hold jump', '108.9'])
  })

  test('is held as long as the market runs, and counts when two rounds agree', () => {
    const [first, second, third, last] = play([at('90'), at('80'), at('70'), at('69.5')])
    expect(first && outcomeOf(first)).toMatchObject({ kind: 'hold', rounds: 1 })
    expect(second && outcomeOf(second)).toMatchObject({ kind: 'hold', rounds: 2 })
    expect(third && outcomeOf(third)).toMatchObject({ kind: 'hold', rounds: 3 })
    expect(third?.memory.held['BTC-USD']).toEqual({
      price: '70',
      rounds: 3,
      since: after(10_000),
      round: 3,
      at: after(30_000),
    })
    expect(last && inShort(last)).toBe('69.5')
  })

  test('that is gone in the next round was nothing', () => {
    const [, back] = play([at('110'), at('100.1')])
    expect(back && inShort(back)).toBe('100.1')
    expect(back?.memory.held).toEqual({})
  })

  test('says what it waits for', () => {
    const [first, second] = play([at('110'), at('120')])
    expect(first && outcomeOf(first)).toMatchObject({
      detail: '110 is 10 % from the last accepted 100; it waits for the next round',
    })
    expect(second && outcomeOf(second)).toMatchObject({
      detail:
        '120 is 20 % from the last accepted 100; the round before had 110, which does not confirm 120',
    })
  })

  test('needs two thirds of all configured sources, rounded up, and not of those that answered', () => {
    expect(said([seven(5, '110'), seven(5, '110')])).toEqual(['hold jump', '110'])
    const four = play([seven(4, '110'), seven(4, '110'), seven(4, '110'), seven(5, '110')])
    expect(four.map((round) => inShort(round))).toEqual([
      'hold jump',
      'hold jump',
      'hold jump',
      '110',
    ])
    expect(four[1] && outcomeOf(four[1])).toMatchObject({
      detail: '110 is 10 % from the last accepted 100; 4 of 7 sources agree, 5 must',
    })
  })

  test('is not confirmed across a round without a price', () => {
    expect(said([at('110'), '110 - -', at('110'), at('110')])).toEqual([
      'hold jump',
      'refused too-few-sources',
      'hold jump',
      '110',
    ])
  })

  test('is not confirmed by the same round done again, nor by one long after', () => {
    const again = { prices: at('110'), round: 1, later: 0 }
    expect(said([at('110'), again])).toEqual(['hold jump', 'hold jump'])
    const missed = { prices: at('110'), round: 30 }
    expect(said([at('110'), { ...missed, later: 300 }])).toEqual(['hold jump', '110'])
    expect(said([at('110'), { ...missed, later: 301 }])).toEqual(['hold jump', 'hold jump'])
  })

  test('is confirmed by the next round, however long rounds are', () => {
    expect(said([at('110'), { prices: at('110'), later: 3_600 }])).toEqual(['hold jump', '110'])
  })

  test('is one however long ago the last price was accepted', () => {
    const memory = acceptedAt('100', 86_400_000)
    expect(said([at('110'), at('110')], { memory })).toEqual(['hold jump', '110'])
  })

  test('to a hundredth is refused while the last price is young, then held, then counts', () => {
    const steps = [
      at('1'),
      { prices: at('1'), later: 280 },
      { prices: at('1'), later: 10 },
      at('1'),
    ]
    expect(said(steps)).toEqual(['refused no-sources', 'hold jump', '1', '1'])
  })

  test('cannot be one without a price before', () => {
    expect(said([at('110')], { memory: nothing })).toEqual(['110'])
  })
})

describe('sources far apart', () => {
  const crash = '70 72 66 75 69'
  const split = '100 100.05 60 60.05'

  test('as in a real crash are held one round, then their median counts as long as it lasts', () => {
    expect(said([crash, crash, '69 71 66 74 70', '69.5 70 69.8 69.6 69.7'])).toEqual([
      'hold dispersion',
      '70',
      '70',
      '69.7',
    ])
  })

  test('of exactly the bound count at once, one unit more are held', () => {
    // The median deviation is 2, so all agree; the width is 5 % of 100.
    expect(said(['98 98 100 102 103'], { memory: nothing })).toEqual(['100'])
    expect(said(['98 98 100 102 103.000000000000000001'], { memory: nothing })).toEqual([
      'hold dispersion',
    ])
  })

  test('in two camps of one size are held as long as there are two', () => {
    const rounds = play(Array.from({ length: 40 }, () => split))
    expect(new Set(rounds.map((round) => inShort(round)))).toEqual(new Set(['hold dispersion']))
    const last = rounds.at(-1)
    expect(last && outcomeOf(last)).toMatchObject({
      rounds: 40,
      detail: 'the sources that agree are 50 % apart; no majority of them is together',
    })
  })

  test.each([
    ['only just too far', '100 100 105.2 105.2'],
    ['three on each side', '100 100.1 100.2 106 106.1 106.2'],
    ['one that stands between', '60 60.05 80 100 100.05'],
    ['first one camp, then the other nearer to the middle', '92 93 107 108'],
  ])('in two camps, %s, are never released', (_, prices) => {
    const rounds = said(Array.from({ length: 10 }, () => prices))
    expect(new Set(rounds)).toEqual(new Set(['hold dispersion']))
  })

  test('in two camps count when one camp gives way', () => {
    expect(said([split, split, '100 100.05 100.1 60.05'])).toEqual([
      'hold dispersion',
      'hold dispersion',
      '100.025',
    ])
  })

  test('that move on between the rounds are not confirmed', () => {
    expect(said([crash, '60 62 56 65 59'])).toEqual(['hold dispersion', 'hold dispersion'])
  })
})
