import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { beforeAll, describe, expect, test } from 'vitest'

import { type RecordedMarket, recordedMarket } from '../../infra/local/market/recorded.ts'
import { priceRound } from '../../lib/domain/aggregate-round.ts'
import type { Source } from '../../lib/domain/feed.ts'
import { instrumentName } from '../../lib/domain/instrument.ts'
import type { FeedResult, PriceMemory, PriceRound } from '../../lib/domain/price-round.ts'
import type { Quote } from '../../lib/domain/quote.ts'
import { timestamp, type Timestamp } from '../../lib/domain/time.ts'
import { aFeed, aLeg, feedOf, theFeeds } from './quotes.ts'

const recording = fileURLToPath(
  new URL('../../../shared/data/prices/usdc_depeg_2023-03-01_21_1m.csv.gz', import.meta.url),
)
const absent = existsSync(recording) ? '' : ' (skipped: the shared recordings are not here)'

const minute = 60_000
const from = Date.UTC(2023, 2, 10, 18)
const minutes = 36 * 60

// Bars of one minute: what a venue shows is up to a minute old, or two where a bar came late.
const bars = { maxQuoteAgeMs: 2 * minute, frozenAfterMs: 10 * minute }
const direct = ['binanceus:BTC-USD', 'coinbase:BTC-USD', 'crypto-com:BTC-USD', 'kraken:BTC-USD']
const circle = ['binanceus:BTC-USDC', 'bybit:BTC-USDC', 'crypto-com:BTC-USDC', 'kraken:BTC-USDC']
const feeds = theFeeds(aFeed([...direct, ...circle], { minSources: 3, rules: bars }), {
  legs: {
    USDC: aLeg({
      feed: 'USDC-USD',
      sources: ['binanceus:USDC-USD', 'kraken:USDC-USD'],
      minSources: 2,
      rules: { ...bars, maxJumpBps: 200 },
    }),
  },
})

type Seen = { readonly round: PriceRound; readonly quotes: readonly Quote[] }

let played: readonly Seen[] = []

describe.skipIf(absent !== '')(
  `the weekend on which USDC lost its peg, by the minute${absent}`,
  () => {
    beforeAll(async () => {
      const market = await recordedMarket({
        file: recording,
        from,
        speed: 1,
        startedAt: timestamp(from),
      })
      let memory: PriceMemory | undefined
      played = Array.from({ length: minutes }, (_, index): Seen => {
        const now = timestamp(from + index * minute)
        const all = [...feeds.markets, ...Object.values(feeds.legs)].flatMap((feed) => feed.sources)
        const quotes = all.flatMap((source) => quoteOf(market, source, now))
        const round = priceRound({ round: index, feeds, quotes, memory, now })
        memory = round.memory
        return { round, quotes }
      })
    })

    test('BTC has a price nearly always, within one per cent of the venues that trade it for dollars', () => {
      const priced = played.flatMap(({ round, quotes }) => {
        const { outcome } = feedOf(round)
        return outcome.kind === 'price' ? [{ price: Number(outcome.price), quotes }] : []
      })
      expect(priced.length).toBeGreaterThan(minutes * 0.98)
      for (const { price, quotes } of priced)
        expect(Math.abs(price / dollarConsensus(quotes) - 1)).toBeLessThan(0.01)
    })

    test('the recording has what would go wrong: in USDC, BTC was up to a tenth dearer', () => {
      const premium = played.map(({ quotes }) => {
        const kraken = quotes.find(
          ({ venue, instrument }) => venue === 'kraken' && instrument === 'BTC-USDC',
        )
        return Number(kraken?.last ?? 0) / dollarConsensus(quotes)
      })
      expect(Math.max(...premium)).toBeGreaterThan(1.1)
    })

    test('no source quoted in USDC ever counts at one dollar, only at the price of the leg in that minute', () => {
      let converted = 0
      for (const { round, quotes } of played) {
        const leg = feedOf(round, 'USDC-USD').outcome
        for (const { venue, instrument, price, verdict } of feedOf(round).sources) {
          if (instrument !== 'BTC-USDC' || !/agrees|insane/.test(verdict)) continue
          const raw = quotes.find(
            (quote) => quote.venue === venue && quote.instrument === instrument,
          )
          if (leg.kind !== 'price' || !raw?.last || !price) throw new Error('it has no conversion')
          const point = median([raw.bid ?? raw.last, raw.ask ?? raw.last, raw.last].map(Number))
          expect(Number(price)).toBeCloseTo(point * Number(leg.price), 6)
          converted += 1
        }
      }
      expect(converted).toBeGreaterThan(100)
    })

    test('while the leg has no price, each source that needs it says so', () => {
      const without = played.filter(
        ({ round }) => feedOf(round, 'USDC-USD').outcome.kind !== 'price',
      )
      const reasons = new Set(without.map(({ round }) => reasonOf(feedOf(round, 'USDC-USD'))))
      // Its two dollar markets were apart, fell fast, and were both below the bound for a while.
      expect(reasons).toContain('pair-apart')
      expect(without.length).toBeGreaterThan(600)
      const circled = without
        .flatMap(({ round }) => feedOf(round).sources)
        .filter(({ instrument }) => instrument === 'BTC-USDC')
      expect(circled.filter(({ verdict }) => /agrees|insane/.test(verdict))).toEqual([])
      const dropped = circled.filter(({ verdict }) => verdict === 'no-conversion')
      expect(dropped.length).toBeGreaterThan(2_000)
      for (const { detail } of dropped)
        expect(detail).toMatch(/^USDC-USD (is held|has no price) \(/)
    })

    test('every refusal and hold is explained in words', () => {
      const details = played
        .flatMap(({ round }) => round.feeds)
        .flatMap(({ outcome }) => (outcome.kind === 'price' ? [] : [outcome.detail]))
      expect(details.filter((detail) => !/\w+ \w+/.test(detail))).toEqual([])
    })

    test('the venue whose price stood at 20100 all the time is found frozen, and never agrees for long', () => {
      const verdicts = played.map(
        ({ round }) =>
          feedOf(round).sources.find(
            ({ venue, instrument }) => venue === 'crypto-com' && instrument === 'BTC-USDC',
          )?.verdict,
      )
      expect(verdicts).toContain('frozen')
      const first = verdicts.indexOf('frozen')
      const agrees = verdicts.slice(first).filter((verdict) => verdict === 'agrees')
      expect(agrees.length).toBeLessThan(minutes * 0.02)
    })

    test('the same recording gives the same rounds', () => {
      const [before, again] = [played[99], played[100]]
      if (!before || !again) throw new Error('it was not played')
      const { round, at } = again.round
      const memory = before.round.memory
      expect(priceRound({ round, feeds, quotes: again.quotes, memory, now: at })).toEqual(
        again.round,
      )
    })
  },
)

function quoteOf(market: RecordedMarket, { venue, instrument }: Source, now: Timestamp): Quote[] {
  const shown = market.quote(venue, instrument, now)
  if (!shown) return []
  const { bid, ask, last, quoteAt } = shown
  const time = { timeKind: 'quote', venueTime: quoteAt, receivedAt: now, answeredAt: now } as const
  return [
    { venue, instrument: instrumentName(instrument), bid, ask, last, ...time, suspended: false },
  ]
}

/** The median last trade of the venues that quote in dollars, by arithmetic of its own. */
function dollarConsensus(quotes: readonly Quote[]): number {
  return median(
    quotes.filter(({ instrument }) => instrument === 'BTC-USD').map(({ last }) => Number(last)),
  )
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const low = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  const high = sorted[Math.floor(sorted.length / 2)] ?? 0
  return (low + high) / 2
}

function reasonOf({ outcome }: FeedResult): string {
  return outcome.kind === 'price' ? 'price' : outcome.reason
}
