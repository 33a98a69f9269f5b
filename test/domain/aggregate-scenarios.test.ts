import { describe, expect, test } from 'vitest'

import { priceRound } from '../../lib/domain/aggregate-round.ts'
import type { AggregationRules } from '../../lib/domain/feed.ts'
import type { PriceMemory, PriceRound } from '../../lib/domain/price-round.ts'
import { acceptedAt, aFeed, after, aQuote, inShort, roundOf, theFeeds } from './quotes.ts'

type Scenario = {
  readonly name: string
  readonly prices: readonly string[]
  readonly expected: readonly string[]
  readonly minSources?: number
  readonly rules?: Partial<AggregationRules>
  readonly memory?: PriceMemory
}

/** The classic failures and what the rule set makes of them, as the prototype computed them. */
const scenarios: readonly Scenario[] = [
  {
    name: 'A. one of five crashes by 40 %',
    prices: ['100', '100.02', '99.98', '100.05', '60'],
    expected: ['100'],
  },
  {
    name: 'B. two of five crash by 40 % together',
    prices: ['100', '100.02', '99.98', '60', '61'],
    expected: ['99.98'],
  },
  {
    name: 'C. one of two reports a thousandfold',
    prices: ['1', '1000'],
    expected: ['refused pair-apart', 'refused pair-apart'],
    minSources: 2,
  },
  {
    name: 'C. the same where three are needed',
    prices: ['1', '1000'],
    expected: ['refused too-few-sources'],
  },
  {
    name: 'D. one of four has a wrong exponent, and nothing is known of before',
    prices: ['100', '100.1', '99.9', '10000000000'],
    expected: ['100.05'],
  },
  {
    name: 'D. the same with a last price',
    prices: ['100', '100.1', '99.9', '10000000000'],
    expected: ['100'],
    memory: acceptedAt('100'),
  },
  {
    name: 'E. two of five are frozen, and nothing is known of before',
    prices: ['97', '97.02', '96.98', '100', '100'],
    expected: ['97.02'],
  },
  {
    name: 'F. three of five are frozen, and nothing is known of before: three of a kind win',
    prices: ['97', '97.02', '100', '100', '100'],
    expected: ['100'],
  },
  {
    name: 'G. one of four returns zero',
    prices: ['100', '100.1', '99.9', '0'],
    expected: ['100'],
  },
  {
    name: 'H. an honest thin market',
    prices: ['1.00', '1.004', '0.997', '1.009', '0.992'],
    expected: ['1'],
    rules: { floorBps: 100, hardBandBps: 300 },
  },
  {
    name: 'I. a real crash, in which venues trail each other',
    prices: ['70', '72', '66', '75', '69'],
    expected: ['hold dispersion', '70', '70'],
    memory: acceptedAt('100'),
  },
  {
    name: 'J. two of four are corrupted the same way',
    prices: ['100', '100.05', '60', '60.05'],
    expected: ['hold dispersion', 'hold dispersion', 'hold dispersion', 'hold dispersion'],
    memory: acceptedAt('100'),
  },
]

test.each(scenarios)('$name', ({ prices, expected, memory, ...over }) => {
  let known = memory
  const said = expected.map((_, index) => {
    const now = after(index * 10_000)
    const round = roundOf(prices, { ...over, ...(known && { memory: known }), round: index, now })
    known = round.memory
    return inShort(round)
  })
  expect(said).toEqual(expected)
})

describe('with a minute of memory', () => {
  const all100 = ['100', '100.02', '99.98', '100', '100.01']
  const later = (prices: readonly string[], minSources: number) => {
    const { memory } = roundOf(all100)
    return roundOf(prices, { memory, minSources, round: 2, now: after(61_000) })
  }

  test('E. two of five that are frozen are left out', () => {
    expect(inShort(later(['97', '97.02', '96.98', '100', '100.01'], 3))).toBe('97')
  })

  test('F. three of five that are frozen leave two, which are a price only where two are enough', () => {
    const prices = ['97', '97.02', '99.98', '100', '100.01']
    expect(inShort(later(prices, 2))).toBe('97.01')
    expect(inShort(later(prices, 3))).toBe('refused too-few-sources')
  })
})

describe('incidents', () => {
  test('one venue at 1.30 does not move a dollar (Compound, DAI, 2020-11-26)', () => {
    const said = roundOfEach({
      'a:DAI-USD': '1.30',
      'b:DAI-USD': '1.00',
      'c:DAI-USD': '1.001',
      'd:DAI-USD': '1.0005',
    })
    expect(inShort(said)).toBe('1.00075')
  })

  test('a missing factor is not a price (Moonwell, cbETH without ETH-USD, 2026-02-15)', () => {
    const memory = {
      tuples: {},
      held: {},
      accepted: { 'BTC-USD': { price: '2200', at: after(-60_000) } },
    }
    const said = roundOfEach(
      { 'a:CBETH-USD': '1.12', 'b:CBETH-USD': '1.12', 'c:CBETH-USD': '1.12' },
      { memory },
    )
    expect(inShort(said)).toBe('refused no-sources')
  })

  test("one owner's three books are one voice (a venue pricing collateral by itself, 2025-10-10)", () => {
    const quotes = {
      'a:USDE-USD': '0.65',
      'a2:USDE-USD': '0.65',
      'a3:USDE-USD': '0.65',
      'b:USDE-USD': '0.65',
    }
    const families = { one: ['a', 'a2', 'a3'] }
    expect(inShort(roundOfEach(quotes, { families }, { minFamilies: 3 }))).toBe(
      'refused too-few-families',
    )
  })
})

/** One round over one price per source. */
function roundOfEach(
  quotes: Readonly<Record<string, string>>,
  over: { memory?: PriceMemory; families?: Readonly<Record<string, readonly string[]>> } = {},
  rules: Partial<AggregationRules> = {},
): PriceRound {
  return priceRound({
    round: 1,
    feeds: theFeeds(aFeed(Object.keys(quotes), { rules }), { families: over.families ?? {} }),
    quotes: Object.entries(quotes).map(([source, price]) =>
      aQuote(source, price, { venueTime: after(0) }),
    ),
    memory: over.memory,
    now: after(0),
  })
}
