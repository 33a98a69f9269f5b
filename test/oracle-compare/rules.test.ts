import { describe, expect, test } from 'vitest'

import { after, rules as roundRules } from '../domain/quotes.ts'
import { weightedMedian } from './arithmetic.ts'
import type { Answer, Round, Rule, Seen, Setup } from './rule.ts'
import { api3 } from './rules/api3.ts'
import { band } from './rules/band.ts'
import { chainlink } from './rules/chainlink.ts'
import { chronicle } from './rules/chronicle.ts'
import { dydx } from './rules/dydx.ts'
import { extended } from './rules/extended.ts'
import { hyperliquid } from './rules/hyperliquid.ts'
import { ojo } from './rules/ojo.ts'
import { plainMean, plainMedian, volumeWeighted } from './rules/plain.ts'
import { pragma } from './rules/pragma.ts'
import { pyth } from './rules/pyth.ts'
import { redstone, redstoneWeighted } from './rules/redstone.ts'
import { slinky } from './rules/slinky.ts'
import { flatBook, seenOf } from './seen.ts'

/** One source: `kraken:BTC-USD`, its price or its sides, and what else matters. */
type Show = {
  readonly source: string
  readonly price: number
  readonly half?: number
  readonly volume?: number
  readonly ageSeconds?: number
}

function see({ source, price, half = 0, volume = 1, ageSeconds = 0 }: Show, seconds: number): Seen {
  const [venue = '', instrument = ''] = source.split(':')
  const now = after(seconds * 1000)
  const quote = {
    venue,
    instrument,
    bid: flatBook(String(price - half)).bid,
    ask: flatBook(String(price + half)).ask,
    last: flatBook(String(price)).last,
    timeKind: 'quote',
    venueTime: after((seconds - ageSeconds) * 1000),
    receivedAt: now,
    answeredAt: now,
    suspended: false,
  } as const
  return seenOf(quote, volume)
}

type Step = { readonly at?: number; readonly market: readonly Show[]; readonly usdt?: number }

/** Every answer of a rule to rounds ten seconds apart, unless they say when. */
function play(rule: Rule, steps: readonly Step[], over: Partial<Setup> = {}): readonly Answer[] {
  const named = new Set(steps.flatMap(({ market }) => market.map(({ source }) => source)))
  const legs = ['coinbase:USDT-USD', 'kraken:USDT-USD', 'bitstamp:USDT-USD']
  const next = rule.begin({
    sources: [...named],
    legs: { USDT: legs },
    minSources: 2,
    minLegSources: 3,
    everyMs: 10_000,
    families: {},
    rules: roundRules,
    legRules: roundRules,
    ...over,
  })
  return steps.map(({ at, market, usdt }, index) => {
    const seconds = at ?? index * 10
    const round: Round = {
      now: after(seconds * 1000),
      market: market.map((one) => see(one, seconds)),
      legs: {
        USDT: usdt === undefined ? [] : legs.map((source) => see({ source, price: usdt }, seconds)),
      },
    }
    return next(round)
  })
}

const venues = ['binance', 'okx', 'bybit', 'kraken', 'kucoin', 'gate', 'mexc']

/** So many venues with a dollar book each. */
const dollars = (...prices: readonly number[]): readonly Show[] =>
  prices.map((price, index) => ({ source: `${venues[index]}:BTC-USD`, price }))

const shown = (answers: readonly Answer[]) =>
  answers.map((answer) => (answer.kind === 'price' ? Number(answer.price.toFixed(6)) : 'none'))

/** A book this far around its price. */
const unsure = (price: number, half: number, index: number): Show => ({
  source: `${venues[index]}:BTC-USD`,
  price,
  half,
})

/** Two venues at one price, at a time. */
const pairAt = (at: number, price: number, volume = 1): Step => ({
  at,
  market: dollars(price, price).map((one) => ({ ...one, volume })),
})

const weighed = (...pairs: readonly (readonly [number, number])[]) =>
  weightedMedian(pairs.map(([value, weight]) => ({ value, weight })))

const once = (rule: Rule, market: readonly Show[], over?: Partial<Setup>) =>
  shown(play(rule, [{ market }], over))[0]

describe('what another implementation of these rules computed for the classic failures', () => {
  test.each([
    ['A', [100, 100.02, 99.98, 100.05, 60], [100, 92.01, 100.0125, 100.01]],
    ['B', [100, 100.02, 99.98, 60, 61], [99.98, 84.2, 100, 100]],
    ['C', [1, 1000], [500.5, 500.5, 500.5, 'none']],
    ['D', [100, 100.1, 99.9, 1e10], [100.05, 2_500_000_075, 100, 100]],
    ['E', [97, 97.02, 96.98, 100, 100], [97.02, 98.2, 97, 97.02]],
    ['F', [97, 97.02, 100, 100, 100], [100, 98.804, 100, 100]],
    ['G', [100, 100.1, 99.9, 0], [99.95, 75, 100, 100]],
    ['H', [1, 1.004, 0.997, 1.009, 0.992], [1, 1.0004, 1.000333, 1]],
    ['I', [70, 72, 66, 75, 69], [70, 70.4, 70.333333, 70]],
    ['J', [100, 100.05, 60, 60.05], [80.025, 80.025, 80.025, 80.025]],
  ] as const)(
    'comes out of the plain median, the mean, Ojo and RedStone: %s',
    (_, prices, table) => {
      const rules = [plainMedian, plainMean, ojo, redstone]
      expect(rules.map((rule) => once(rule, dollars(...prices)))).toEqual(table)
    },
  )

  test('a venue that washes 60 % of all volume captures the volume-weighted median, and not the capped one', () => {
    const washed = dollars(100, 100.02, 99.98, 100.05, 60).map((one, index) => ({
      ...one,
      volume: index === 4 ? 60 : 10,
    }))
    expect(once(volumeWeighted, washed)).toBe(60)
    expect(once(redstoneWeighted, washed)).toBe(99.98)
  })

  test('a stablecoin at 0.95 that is taken for a dollar makes 105.26 of 100', () => {
    const market = [
      { source: 'coinbase:BTC-USD', price: 100 },
      { source: 'kraken:BTC-USD', price: 100.03 },
      ...[105.2632, 105.27, 105.25, 105.3].map((price, index) => ({
        source: `${venues[index]}:BTC-USDT`,
        price,
      })),
    ]
    expect(once(pragma, market)).toBeCloseTo(105.26, 2)
    expect(shown(play(pragma, [{ market, usdt: 0.95 }, { market }]))[1]).toBeCloseTo(100, 1)
  })
})

describe('Chainlink', () => {
  test('takes the upper middle, of 2f + 1 observations at least', () => {
    expect(once(chainlink, dollars(1, 2, 3, 4))).toBe(3)
    const sources = venues.map((venue) => `${venue}:BTC-USD`)
    expect(once(chainlink, dollars(1, 2, 3, 4), { sources })).toBe('none')
    expect(once(chainlink, dollars(1, 2, 3, 4, 5), { sources })).toBe(3)
  })

  test('stays where it was while the price is below its contract’s floor', () => {
    const steps = [0.2, 0.11, 0.1, 0.01].map((price) => ({ market: dollars(price, price, price) }))
    const contractBounds = { min: 0.107, max: 1 }
    expect(shown(play(chainlink, steps, { contractBounds }))).toEqual([0.2, 0.11, 0.11, 0.11])
  })
})

describe('Pyth', () => {
  test('is the median of three votes of each publisher', () => {
    // Votes 90 100 110, 99 100 101 and 104 105 106: the fifth of nine is 101.
    const market = [unsure(100, 10, 0), unsure(100, 1, 1), unsure(105, 1, 2)]
    expect(once(pyth, market)).toBe(101)
    // Votes 99 100 101 and 105 106 107: the average of 101 and 105.
    expect(once(pyth, [unsure(100, 1, 0), unsure(106, 1, 1)])).toBe(103)
  })

  test('is unknown with fewer publishers than min_pub; one at zero is none', () => {
    expect(once(pyth, dollars(100, 100, 0), { minSources: 3 })).toBe('none')
  })
})

test('dYdX leaves out what its own market of three exchanges cannot adjust', () => {
  const market = [...dollars(100, 102), { source: 'bybit:BTC-USDT', price: 200 }]
  expect(shown(play(dydx, [{ market }, { market, usdt: 0.5 }]))).toEqual([101, 100])
})

test('Slinky converts by the index of the round before', () => {
  const market = [...dollars(100, 102), { source: 'bybit:BTC-USDT', price: 200 }]
  const steps = [
    { market, usdt: 0.5 },
    { market, usdt: 1 },
    { market, usdt: 1 },
  ]
  expect(shown(play(slinky, steps))).toEqual([101, 100, 102])
})

test('Chronicle reads dollar books alone, and none whose own time is over five minutes old', () => {
  const market = [
    ...dollars(100, 101, 102),
    { source: 'bybit:BTC-USDT', price: 1 },
    { source: 'gemini:BTC-USD', price: 1, ageSeconds: 301 },
  ]
  expect(once(chronicle, market, { minSources: 3 })).toBe(101)
  expect(once(chronicle, market.slice(1), { minSources: 3 })).toBe('none')
})

test('a beacon of API3 that fell silent keeps its value for a day', () => {
  const steps = [
    { market: dollars(100, 100, 100) },
    { at: 10, market: dollars(90) },
    { at: 86_401, market: dollars(90, 91) },
  ]
  expect(shown(play(api3, steps))).toEqual([100, 100, 90.5])
})

test('Band forgets after five minutes, Pragma after an hour', () => {
  const steps = [300, 301, 3600, 3601].map((at) => ({ at, market: dollars(90, 91) }))
  const all = [{ market: dollars(100, 101, 102, 103, 104) }, ...steps]
  expect(shown(play(band, all))).toEqual([102, 102, 90.5, 90.5, 90.5])
  expect(shown(play(pragma, all))).toEqual([102, 102, 102, 102, 90.5])
})

test('RedStone holds back what is 30 % from its last two minutes, and no longer', () => {
  const steps = [pairAt(0, 100), pairAt(10, 131), pairAt(20, 130), pairAt(30, 60), pairAt(141, 60)]
  // The mean of 100 and 130 is 115; after two minutes there is nothing to compare with.
  expect(shown(play(redstone, steps))).toEqual([100, 'none', 130, 'none', 60])
})

test('Ojo averages ten minutes by volume and time', () => {
  const [, second] = play(ojo, [pairAt(0, 100), pairAt(300, 110, 3)])
  // Half way through the window a candle weighs 0.6: (100 × 0.6 + 110 × 3) / 3.6.
  expect(second && shown([second])[0]).toBeCloseTo(390 / 3.6, 6)
})

test('Hyperliquid weighs venues 3, 2, 2, 1, 1, 1, 1 and converts nothing', () => {
  // Cumulative weights 3, 5, 7 of 11: more than half is reached at the third.
  expect(once(hyperliquid, dollars(1, 2, 3, 4, 5, 6, 7))).toBe(3)
  const market = [
    { source: 'binance:BTC-USDT', price: 105 },
    { source: 'binance:BTC-USD', price: 100 },
    { source: 'coinbase:BTC-USD', price: 100 },
    { source: 'okx:BTC-USDT', price: 105 },
  ]
  expect(once(hyperliquid, market)).toBe(105)
})

test('Extended’s contract would take what Stork’s publishers say, silent ones included', () => {
  const [, said] = play(extended, [
    { market: dollars(100, 100, 100, 97) },
    { market: [{ source: 'kraken:BTC-USD', price: 97 }] },
  ])
  expect(said).toEqual({ kind: 'price', price: 100 })
  const [even] = play(extended, [{ market: dollars(4, 2, 1, 3) }])
  if (even?.kind !== 'price') throw new Error('it said nothing')
  const all = [4, 2, 1, 3]
  expect(all.filter((price) => price <= even.price).length * 2).toBeGreaterThanOrEqual(4)
  expect(all.filter((price) => price >= even.price).length * 2).toBeGreaterThanOrEqual(4)
})

test('a weighted median at exactly half of the weight is between the two', () => {
  expect(weighed([1, 2], [3, 1], [5, 1])).toBe(2)
  expect(weighed([1, 2], [3, 2], [5, 1])).toBe(3)
  expect(weighed([1, 1], [9, 0])).toBe(1)
})
