import { deserialize, serialize } from 'node:v8'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { BacktestSetup } from '../../../lib/domain/backtest/backtest-setup.ts'
import { type BacktestState, openBacktest } from '../../../lib/domain/backtest/backtest.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import { usdText } from '../../../lib/domain/fast-round/exact-usd.ts'
import { marketPremiums } from '../../../lib/domain/funding/market-premiums.ts'
import type { PriceMemory } from '../../../lib/domain/price-round.ts'
import { type PostedPrice, pushesDue } from '../../../lib/domain/push-policy.ts'
import type { QuoteSeries } from '../../../lib/domain/recorded/quote-series.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { exactRound } from '../fast-round/recorded-world.ts'
import { aFeed, aLeg, aSource, theFeeds, usd } from '../quotes.ts'
import {
  type PricesBySource,
  aRule,
  aSetup,
  begin,
  btc,
  finder,
  minute,
  played,
  seriesBy,
  threeSources,
  together,
} from './a-backtest.ts'

/** Prices that wander, jump, and are silent now and then; of some sources more than of others. */
const walk = fc
  .array(
    fc.record({
      move: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: -30, max: 30 }) },
        { weight: 1, arbitrary: fc.constantFrom(-900, 700, 51, -50) },
      ),
      own: fc.array(fc.integer({ min: -15, max: 15 }), { minLength: 3, maxLength: 3 }),
      silent: fc.array(fc.nat(6), { minLength: 3, maxLength: 3 }),
    }),
    { minLength: 3, maxLength: 60 },
  )
  .map((steps) => {
    let level = 20_000
    const rows = steps.map(({ move, own, silent }) => {
      level *= 1 + move / 10_000
      return own.map((bps, at) => (silent[at] === 0 ? undefined : level * (1 + bps / 10_000)))
    })
    return Object.fromEntries(
      threeSources.map((source, at) => [source, rows.map((row) => row[at])] as const),
    )
  })

const crowded: Partial<BacktestSetup> = {
  accounts: 60,
  funding: {
    policy: {
      epochSeconds: 600,
      slotSeconds: 60,
      samples: { minSamples: 3, minVotes: 1, missing: 'zero', average: 'mean' },
      late: { kind: 'cap', maxSeconds: 3_600 },
      markets: {
        'BTC-USD': { rule: aRule, maxRate: usd('0.01'), fullRangeSeconds: undefined },
      },
    },
    impactNotional: { 'BTC-USD': usd(10_000) },
  },
}

describe('a backtest', () => {
  test('pushes what the live rules push: the exact round, then what is due against all that is told or on its way', () => {
    fc.assert(
      fc.property(walk, fc.constantFrom(0, 2_000, 90_000), (prices, pushLatencyMs) => {
        const series = seriesBy(prices)
        const setup = aSetup(Object.values(prices)[0]?.length ?? 0, { pushLatencyMs })
        const { pushes } = btc(played(setup, series))
        expect(
          pushes.list.listed.map(({ decidedAt, price, why }) => ({ decidedAt, price, why })),
        ).toEqual(pushedLive(setup, series))
      }),
      { numRuns: 150 },
    )
  })

  test('samples the premiums that settle-funding samples of the exact round, to the last digit', () => {
    fc.assert(
      fc.property(walk, walk, (spot, perpetual) => {
        const six = {
          ...spot,
          ...Object.fromEntries(
            Object.entries(perpetual).map(([name, prices]) => [`${name}-PERP`, prices]),
          ),
        }
        const series = seriesBy(six)
        const base = aSetup(Math.min(...Object.values(six).map(({ length }) => length)), crowded)
        const [market] = base.feeds.markets
        if (!market) throw new Error('it has one')
        const sources = Object.keys(six).map(aSource)
        const setup = { ...base, accounts: 0, feeds: theFeeds({ ...market, sources }) }
        const backtest = openBacktest({ setup, seriesOf: finder(series) })
        let memory: PriceMemory | undefined
        for (let round = 0; round < backtest.rounds; round += 1) {
          const now = timestamp(begin + round * minute)
          backtest.run(1)
          // Where all were silent for long, another recording begins.
          if (backtest.round() !== round + 1) return
          const exact = exactRound({ feeds: setup.feeds, series, memory, round, now })
          memory = exact.memory
          const posted = backtest.state().pushes.posted[0]
          const live = marketPremiums({
            feeds: exact.feeds,
            books: {},
            posted: posted ? { 'BTC-USD': { price: new Decimal(usdText(posted.price)) } } : {},
            impactNotional: crowded.funding?.impactNotional ?? {},
          })
          // Without a perpetual it is the posted price, which may have changed since within the minute.
          const hasPerpetual = exact.feeds[0]?.sources.some(
            ({ verdict, instrument }) => verdict === 'agrees' && instrument.endsWith('-PERP'),
          )
          if (hasPerpetual !== true) continue
          const text = live['BTC-USD']?.toString()
          expect(backtest.state().funding.votes.at(-1)?.premiums['BTC-USD']).toBe(text)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('is the same to the last byte where it was stopped, stored and gone on with after any round', () => {
    fc.assert(
      fc.property(
        walk,
        fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 5 }),
        (prices, stops) => {
          const series = seriesBy(prices)
          const setup = aSetup(Object.values(prices)[0]?.length ?? 0, crowded)
          const whole = JSON.stringify(played(setup, series))
          let state: BacktestState | undefined
          for (const rounds of stops) {
            const part = openBacktest({ setup, seriesOf: finder(series), ...(state && { state }) })
            part.run(rounds)
            state = deserialize(serialize(part.state())) as BacktestState
          }
          const rest = openBacktest({ setup, seriesOf: finder(series), ...(state && { state }) })
          while (rest.run(7));
          expect(JSON.stringify(rest.result())).toBe(whole)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('is another one with another seed, and the same with the same', () => {
    const series = together(
      Array.from({ length: 200 }, (_, at) => 20_000 * (1 + Math.sin(at / 9) / 8)),
    )
    const one = played(aSetup(200, crowded), series)
    expect(played(aSetup(200, crowded), series)).toEqual(one)
    const other = played(aSetup(200, { ...crowded, seed: 2 }), series)
    expect(other.exchange.liquidations).not.toEqual(one.exchange.liquidations)
    expect(other.markets[0]?.price).toEqual(one.markets[0]?.price)
  })

  test('that is lean measures the same', () => {
    const series = together(
      Array.from({ length: 100 }, (_, at) => 20_000 * (1 + Math.sin(at / 9) / 8)),
    )
    const setup = aSetup(100, crowded)
    const lean = openBacktest({ setup, seriesOf: finder(series), isLean: true })
    while (lean.run(1_000));
    expect(lean.result().totals).toEqual(played(setup, series).totals)
  })
})

describe('what a backtest measures', () => {
  test('a price is wrong from the move until its push has landed', () => {
    // A move of one per cent in the third minute; it is pushed at once and lands two seconds later.
    const outcome = played(aSetup(6), together([100, 100, 101, 101, 101, 101]))
    const { measures, wrong, pushes } = btc(outcome)
    expect(
      pushes.list.listed.map(({ why, decidedAt, at }) => [why, decidedAt - begin, at - begin]),
    ).toEqual([
      ['first', 0, 2_000],
      ['deviation', 2 * minute, 2 * minute + 2_000],
    ])
    expect(measures.wrongSeconds).toBe(2)
    // From 100 where all say 101: 1 / 101.
    expect(measures.worstBps).toBeCloseTo(10_000 / 101, 5)
    expect(wrong.listed).toMatchObject([
      { from: begin + 2 * minute, to: begin + 2 * minute + 2_000 },
    ])
    // Six minutes, but for the two seconds in which nothing had landed yet.
    expect(measures.judgedSeconds).toBe(358)
    expect(measures.basisBps).toBeCloseTo((10_000 / 101) * (2 / 358), 5)
    // Two pushes of one price each: 100,000 gas at a millionth of a dollar.
    expect(measures.pushCostUsd).toBe('0.2')
  })

  test('a price is as wrong between rounds as at them: it is compared as often, however rare the rounds are', () => {
    // A round each five minutes; the move comes a minute after the first, and is told in the second.
    const prices = [100, 101, 101, 101, 101, 101, 101, 101, 101, 101]
    const rare = { everyMs: 5 * minute, to: begin + 5 * minute }
    const feeds = theFeeds(aFeed(threeSources, { rules: { maxQuoteAgeMs: 10 * minute } }))
    const { measures } = btc(played(aSetup(10, { feeds, ...rare }), together(prices)))
    expect(measures.wrongSeconds).toBe(4 * 60 + 2)
    const blind = { feeds, ...rare, judgeMs: 5 * minute }
    expect(btc(played(aSetup(10, blind), together(prices))).measures.wrongSeconds).toBe(2)
  })

  test('a posted price ages until the next one lands, and is overdue beyond its heartbeat', () => {
    const push = { 'BTC-USD': { deviationBps: 50, heartbeatSeconds: 90 } }
    const { measures, pushes } = btc(played(aSetup(4, { push }), together([100, 100, 100, 100])))
    // Told at 0 and, the first round from 90 s on, at 120 s; each two seconds later.
    expect(pushes.why).toEqual({ first: 1, heartbeat: 1 })
    expect(measures.maxAgeSeconds).toBe(122)
    // 90 to 122 s of the first, and of the second 120 to 240 s, the last 30 of them late.
    expect(measures.overdueSeconds).toBe(32 + 30)
    const aged = (122 ** 2 - 2 ** 2) / 2 + (120 ** 2 - 2 ** 2) / 2
    expect(measures.meanAgeSeconds).toBeCloseTo(aged / 238, 6)
  })

  test('every price of a transaction bears the same part of its cost', () => {
    const two = ['a:ETH-USD', 'b:ETH-USD', 'c:ETH-USD']
    const rules = { maxQuoteAgeMs: 2 * minute }
    const feeds = {
      ...theFeeds(aFeed(threeSources, { rules })),
      markets: [aFeed(threeSources, { rules }), aFeed(two, { feed: 'ETH-USD', rules })],
    }
    const policy = { deviationBps: 50, heartbeatSeconds: 600 }
    const setup = aSetup(3, { feeds, push: { 'BTC-USD': policy, 'ETH-USD': policy } })
    const flat = [100, 100, 100]
    const series = seriesBy(
      Object.fromEntries([...threeSources, ...two].map((name) => [name, flat])),
    )
    const { markets, totals } = played(setup, series)
    // 60,000 gas and 40,000 for each of two prices.
    expect(markets.map(({ measures }) => measures.pushCostUsd)).toEqual(['0.07', '0.07'])
    expect(totals.pushCostUsd).toBe('0.14')
  })

  test('a silence has its reason and its words, and goes on until there is a price again', () => {
    const prices = Object.fromEntries(threeSources.map((name) => [name, [100, 100, 100, 100, 100]]))
    const holed = { ...prices, 'b:BTC-USD': [100, undefined, undefined, undefined, 100] }
    const setup = aSetup(5)
    const { silent, outcomes, sources, measures } = btc(played(setup, seriesBy(holed)))
    // Its last quote counts for two minutes.
    expect(outcomes).toEqual({ price: 4, 'refused too-few-sources': 1 })
    expect(silent.listed).toEqual([
      {
        from: begin + 3 * minute,
        to: begin + 4 * minute,
        kind: 'refused',
        reason: 'too-few-sources',
        detail: '2 of 3 sources are fresh, 3 are needed: 1 stale',
      },
    ])
    expect(measures.silentSeconds).toBe(60)
    const left = sources.find(({ venue }) => venue === 'b')
    expect(left?.verdicts).toEqual({ agrees: 4, stale: 1 })
    expect(left?.left.listed).toMatchObject([{ from: begin + 3 * minute, verdict: 'stale' }])
  })

  test('a source that strays is measured against all others', () => {
    const prices = Object.fromEntries(
      ['a', 'b', 'c', 'd'].map((venue) => [
        `${venue}:BTC-USD`,
        [100, 100, venue === 'd' ? 102 : 100],
      ]),
    )
    const feeds = theFeeds(aFeed(Object.keys(prices), { rules: { maxQuoteAgeMs: 2 * minute } }))
    const { sources } = btc(played(aSetup(3, { feeds }), seriesBy(prices)))
    expect(sources.map(({ deviationBps }) => deviationBps.last)).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 200],
    ])
  })

  test('a conversion is judged by its own sources, and what needs it by that', () => {
    const rules = { maxQuoteAgeMs: 2 * minute }
    const usdt = ['a:BTC-USDT', 'b:BTC-USDT', 'c:BTC-USDT']
    const legs = { USDT: aLeg({ rules }) }
    const setup = aSetup(2, { feeds: theFeeds(aFeed(usdt, { rules }), { legs }) })
    const pegs = ['l1:USDT-USD', 'l2:USDT-USD', 'l3:USDT-USD']
    const prices = [
      ...usdt.map((name) => [name, [20_000, 20_000]] as const),
      ...pegs.map((name) => [name, [0.95, 0.95]] as const),
    ]
    const outcome = played(setup, seriesBy(Object.fromEntries<PricesBySource[string]>(prices)))
    expect(btc(outcome).consensus.last).toEqual([19_000, 19_000])
    expect(btc(outcome).mark.last).toEqual([19_000, 19_000])
    expect(outcome.legs['USDT']?.price.last).toEqual([0.95, 0.95])
  })

  test('recordings with a long pause between them are played as if each were the first', () => {
    const day = 1_440
    const prices = Array.from({ length: day + 2 }, (_, at) =>
      at < 2 || at >= day ? 100 : undefined,
    )
    const series = seriesBy(Object.fromEntries(threeSources.map((name) => [name, prices])))
    const { rounds, markets } = played(aSetup(day + 2), series)
    // The two minutes, the ten in which the last quotes may yet be late, and the two of the next day.
    expect(rounds).toBe(2 + 9 + 2)
    expect(markets[0]?.pushes.why).toEqual({ first: 2 })
  })
})

/** The live rules one after the other, round by round. */
function pushedLive(setup: BacktestSetup, series: readonly QuoteSeries[]) {
  let memory: PriceMemory | undefined
  let told: PostedPrice | undefined
  const pushed: { decidedAt: number; price: string; why: string }[] = []
  for (let now = setup.from, round = 0; now <= setup.to; now += setup.everyMs, round += 1) {
    const made = exactRound({ feeds: setup.feeds, series, memory, round, now: timestamp(now) })
    memory = made.memory
    const outcome = made.feeds[0]?.outcome
    const market = setup.feeds.markets[0]?.feed
    if (outcome?.kind !== 'price' || !market) continue
    const candidate = { market, price: outcome.price, observedAt: timestamp(now) }
    const posted = told ? { [market]: told } : {}
    const [verdict] = pushesDue({
      candidates: [candidate],
      posted,
      policy: setup.push,
      now: timestamp(now),
    })
    if (verdict?.kind !== 'due') continue
    told = { price: new Decimal(outcome.price), publishedAt: timestamp(now) }
    pushed.push({ decidedAt: now, price: outcome.price.toFixed(), why: verdict.why })
  }
  return pushed
}
