import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { loadRecordings } from '../../../lib/adapters/recordings/load-recordings.ts'
import { openFastRounds } from '../../../lib/domain/fast-round/fast-rounds.ts'
import type { AggregationRules, Feeds } from '../../../lib/domain/feed.ts'
import type { PriceMemory } from '../../../lib/domain/price-round.ts'
import type { QuoteSeries } from '../../../lib/domain/recorded/quote-series.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { aFeed, aLeg, start, theFeeds } from '../quotes.ts'
import {
  bySource,
  exactlyOf,
  exactRound,
  fastlyOf,
  type RowText,
  seriesOf,
} from './recorded-world.ts'

const markets = ['a:BTC-USD', 'b:BTC-USD', 'c:BTC-USDT', 'd:BTC-USDT', 'e:BTC-USDC', 'f:BTC-USD']
const pegs = ['l1:USDT-USD', 'l2:USDT-USD', 'l3:USDT-USD', 'l4:USDT-USD']

/** How a source goes on: what it shows in each round. */
type Step = {
  /** Nothing new, so often that sources freeze and grow stale. */
  readonly isSilent: boolean
  /** In bps of what it showed first: many of them exactly at a threshold. */
  readonly moveBps: number
  readonly noise: number
  /** Digits beyond those of a double: sources that are apart by less than doubles can tell. */
  readonly tail: number
  readonly spread: 'none' | 'some' | 'limit' | 'wide' | 'crossed' | 'bid' | 'ask' | 'empty'
  readonly hasTrade: boolean
  readonly lateMs: number
}

const move = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 2, arbitrary: fc.constantFrom(-100, -50, -30, -10, 10, 30, 50, 100, 500, -500) },
  { weight: 1, arbitrary: fc.constantFrom(20_000, -6_667, -6_666, -9_999, 9_999_990_000) },
)

const step: fc.Arbitrary<Step> = fc.record({
  isSilent: fc.nat(3).map((n) => n === 0),
  moveBps: move,
  noise: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(99) }),
  tail: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(9) }),
  spread: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom('none' as const, 'some' as const) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'limit' as const,
        'wide' as const,
        'crossed' as const,
        'bid' as const,
        'ask' as const,
        'empty' as const,
      ),
    },
  ),
  hasTrade: fc.nat(5).map((n) => n > 0),
  lateMs: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(0, 100, 5_000) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(9_999, 10_000, 10_001, 60_000, 300_001, -5_000, -5_001),
    },
  ),
})

/** All sources of a market move together now and then, so that there are jumps, and freezes that show. */
const rounds = fc.integer({ min: 2, max: 14 }).chain((count) =>
  fc.record({
    gaps: fc.array(
      fc.constantFrom(1_000, 10_000, 10_000, 60_000, 60_001, 299_999, 300_000, 301_000),
      {
        minLength: count,
        maxLength: count,
      },
    ),
    together: fc.array(
      fc.oneof(
        { weight: 5, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.constantFrom(10, 11, 499, 500, 501, -900, 4_000) },
      ),
      { minLength: count, maxLength: count },
    ),
    steps: fc.array(fc.array(step, { minLength: count, maxLength: count }), {
      minLength: markets.length + pegs.length,
      maxLength: markets.length + pegs.length,
    }),
    kinds: fc.array(
      fc.constantFrom('quote' as const, 'quote' as const, 'trade' as const, 'none' as const),
      {
        minLength: markets.length + pegs.length,
        maxLength: markets.length + pegs.length,
      },
    ),
  }),
)

const ruleSet: fc.Arbitrary<Partial<AggregationRules>> = fc.record({
  floorBps: fc.constantFrom(0, 3, 30),
  hardBandBps: fc.constantFrom(50, 100),
  pairBandBps: fc.constantFrom(3, 50),
  maxDispersionBps: fc.constantFrom(10, 100, 500),
  maxJumpBps: fc.constantFrom(100, 500),
  frozenMoveBps: fc.constantFrom(0, 10),
  minDirectUsd: fc.constantFrom(0, 1, 2),
  minFamilies: fc.constantFrom(1, 2, 3),
})

const world = fc.record({
  rounds,
  rules: ruleSet,
  legRules: ruleSet,
  sources: fc.subarray(markets, { minLength: 1 }),
  pegs: fc.subarray(pegs, { minLength: 2 }),
  minSources: fc.integer({ min: 1, max: 4 }),
  /** From dust to fortunes. */
  level: fc.constantFrom(100, 26_034, 0.000_012, 3.333_333),
})

type World = typeof world extends fc.Arbitrary<infer T> ? T : never

describe('the fast rule', () => {
  test('is the exact rule: price, verdicts and memory of every round, over any quotes', () => {
    let [plain, all] = [0, 0]
    fc.assert(
      fc.property(world, (given) => {
        const feeds = feedsIn(given)
        const series = seriesIn(given)
        const fast = openFastRounds({ feeds, seriesOf: bySource(series) })
        let memory: PriceMemory | undefined
        let now: number = start
        for (const [round, gap] of given.rounds.gaps.entries()) {
          now += gap
          const exact = exactRound({ feeds, series, memory, round, now: timestamp(now) })
          memory = exact.memory
          fast.decide(round, timestamp(now))
          expect(fastlyOf(fast)).toEqual(exactlyOf(exact))
          expect(fast.memory()).toEqual(memory)
        }
        for (const one of [...fast.markets, ...fast.legs.map(({ last }) => last)]) {
          plain += one.rounds - one.exactRounds
          all += one.rounds
        }
      }),
      { numRuns: 300 },
    )
    // It would prove nothing where the exact rule decided nearly all.
    expect(plain / all).toBeGreaterThan(0.3)
    expect(plain / all).toBeLessThan(1)
  })

  test('is JSON-equal too, so that a memory can be stored by either', () => {
    fc.assert(
      fc.property(world, (given) => {
        const feeds = feedsIn(given)
        const series = seriesIn(given)
        const fast = openFastRounds({ feeds, seriesOf: bySource(series) })
        const [gap = 0] = given.rounds.gaps
        const now = timestamp(start + gap)
        fast.decide(0, now)
        const exact = exactRound({ feeds, series, memory: undefined, round: 0, now })
        expect(JSON.stringify(fast.memory())).toBe(JSON.stringify(exact.memory))
      }),
      { numRuns: 100 },
    )
  })
})

function feedsIn({ rules, legRules, sources, pegs: own, minSources }: World): Feeds {
  const market = aFeed(sources, { minSources, rules })
  const other = aFeed(markets.toReversed(), { feed: 'ETH-USD', minSources: 2, rules: legRules })
  const leg = aLeg({ sources: own, minSources: 2, rules: legRules })
  return {
    ...theFeeds(market, {
      legs: { USDT: leg },
      families: { pair: ['a', 'b'], coins: ['l1', 'l2'] },
    }),
    markets: [market, other],
  }
}

function seriesIn({
  rounds: { gaps, together, steps, kinds },
  level,
}: World): readonly QuoteSeries[] {
  return [...markets, ...pegs].map((source, at) => {
    const isPeg = pegs.includes(source)
    let now: number = start
    let knownAt = 0
    let all = 0
    const rows: RowText[] = []
    for (const [round, gap] of gaps.entries()) {
      now += gap
      all += isPeg ? 0 : (together[round] ?? 0)
      const own = steps[at]?.[round]
      if (!own || own.isSilent) continue
      const venueTime = Math.max(0, now - own.lateMs)
      // A state may come late, but never before the one that it follows.
      knownAt = Math.max(knownAt, now - Math.max(0, Math.min(own.lateMs, gap - 1)))
      rows.push({ knownAt, venueTime, ...bookOf(own, (isPeg ? 1 : level) * (1 + all / 10_000)) })
    }
    return seriesOf(source, rows, kinds[at] ?? 'quote')
  })
}

function bookOf(
  { moveBps, noise, tail, spread, hasTrade }: Step,
  base: number,
): Pick<RowText, 'bid' | 'ask' | 'last' | 'traded'> {
  const price = base * Math.max(1e-4, 1 + moveBps / 10_000) * (1 + noise / 1e9)
  const whole = (value: number) => (tail > 0 ? `${value.toFixed(14)}${tail}` : shortText(value))
  const last = hasTrade ? whole(price) : ''
  const sides: Readonly<Record<Step['spread'], readonly [number, number] | undefined>> = {
    none: [1, 1],
    some: [0.999, 1.001],
    // One per cent of the middle, which is what is allowed.
    limit: [0.995, 1.005],
    wide: [0.98, 1.02],
    crossed: [1.001, 0.999],
    bid: [0.999, 0],
    ask: [0, 1.001],
    empty: undefined,
  }
  const [bid, ask] = sides[spread] ?? [0, 0]
  const side = (share: number) => (share === 0 ? '' : whole(price * share))
  return { bid: side(bid), ask: side(ask), last, traded: hasTrade }
}

function shortText(value: number): string {
  return Number(value.toPrecision(10))
    .toFixed(14)
    .replace(/\.?0+$/, '')
}

const prices = fileURLToPath(new URL('../../../../shared/data/prices/', import.meta.url))
const minute = 60_000
const bars = { maxQuoteAgeMs: 2 * minute, maxTradeAgeMs: 2 * minute, frozenAfterMs: 10 * minute }

const recorded = [
  {
    name: 'the weekend of the USDC depeg',
    file: `${prices}usdc_depeg_2023-03-01_21_1m.csv.gz`,
    from: Date.UTC(2023, 2, 10, 18),
    rounds: 1_500,
    everyMs: minute,
    feeds: {
      ...theFeeds(
        aFeed(
          [
            'coinbase:BTC-USD',
            'kraken:BTC-USD',
            'binanceus:BTC-USD',
            'crypto-com:BTC-USD',
            'binance:BTC-USDT',
            'binanceus:BTC-USDT',
            'kraken:BTC-USDT',
            'binanceus:BTC-USDC',
            'bybit:BTC-USDC',
            'crypto-com:BTC-USDC',
            'kraken:BTC-USDC',
          ],
          { rules: bars },
        ),
        {
          families: { binance: ['binance', 'binanceus'] },
          legs: {
            USDT: aLeg({
              sources: ['coinbase:USDT-USD', 'kraken:USDT-USD'],
              minSources: 2,
              rules: bars,
            }),
            USDC: aLeg({
              feed: 'USDC-USD',
              sources: ['binanceus:USDC-USD', 'kraken:USDC-USD'],
              minSources: 2,
              rules: { ...bars, maxJumpBps: 200 },
            }),
          },
        },
      ),
    },
  },
  {
    name: 'the crash of 2018-04-04 to 06',
    file: `${prices}bitmex_coinbase_1m_crashdays_2017_2021.csv.gz`,
    from: Date.UTC(2018, 3, 4),
    rounds: 3_000,
    everyMs: minute,
    feeds: theFeeds(aFeed(['bitmex:BTC-USD', 'coinbase:BTC-USD'], { minSources: 2, rules: bars })),
  },
  {
    name: 'ten minutes of ticks',
    file: `${prices}binance_3markets_bbo_trades_2024-08-08.csv.gz`,
    from: Date.UTC(2024, 7, 8, 23, 54, 30),
    rounds: 600,
    everyMs: 1_000,
    feeds: theFeeds(
      aFeed(['binance:BTC-USD', 'binance-futures:BTC-USD', 'binance-coinm:BTC-USD'], {
        minSources: 2,
      }),
    ),
  },
]

/** Recorders' names that stand for another instrument here. */
const listed: Readonly<Record<string, readonly [string, string]>> = {
  'bitmex XBTUSD': ['bitmex', 'USD'],
  'binance-spot BTCUSDT': ['binance', 'USD'],
  'binance-usdm BTCUSDT': ['binance-futures', 'USD'],
  'binance-coinm BTCUSD_PERP': ['binance-coinm', 'USD'],
}

describe.each(recorded)('over $name', ({ file, from, rounds: count, everyMs, feeds }) => {
  test('the fast rule is the exact rule in every round', async ({ skip }) => {
    if (!existsSync(file)) return skip('the shared recordings are not here')
    const { recordedListing } = await import('../../../lib/adapters/recordings/recorded-names.ts')
    const isTicks = file.includes('3markets')
    const { series } = await loadRecordings([{ file }], {
      listingOf: (venue, symbol) => {
        const [name, quote] = listed[`${venue} ${symbol}`] ?? []
        if (name !== undefined && quote !== undefined && (isTicks || venue === 'bitmex'))
          return { venue: name, instrument: { base: 'BTC', quote, kind: 'spot' } }
        return isTicks ? undefined : recordedListing(venue, symbol)
      },
    })
    const fast = openFastRounds({ feeds, seriesOf: bySource(series) })
    let memory: PriceMemory | undefined
    for (let round = 0; round < count; round += 1) {
      const now = timestamp(from + round * everyMs)
      const exact = exactRound({ feeds, series, memory, round, now })
      memory = exact.memory
      fast.decide(round, now)
      const differs =
        JSON.stringify(fastlyOf(fast)) !== JSON.stringify(exactlyOf(exact)) ||
        JSON.stringify(fast.memory()) !== JSON.stringify(memory)
      if (!differs) continue
      expect(fastlyOf(fast)).toEqual(exactlyOf(exact))
      expect(fast.memory()).toEqual(memory)
    }
    const [market] = fast.markets
    expect(market?.rounds).toBe(count)
    expect((market?.exactRounds ?? 0) / count).toBeLessThan(0.5)
  })
})
