import type {
  BacktestSetup,
  CoreExchangeRules,
  EvmExchangeRules,
  StarkexExchangeRules,
} from '../../../lib/domain/backtest/backtest-setup.ts'
import { openBacktest, type BacktestOutcome } from '../../../lib/domain/backtest/backtest.ts'
import type { PostedUsd } from '../../../lib/domain/backtest/measure.ts'
import type { Source } from '../../../lib/domain/feed.ts'
import type { QuoteSeries } from '../../../lib/domain/recorded/quote-series.ts'
import { bySource, seriesOf } from '../fast-round/recorded-world.ts'
import { aFeed, theFeeds, usd } from '../quotes.ts'

export const minute = 60_000
/** A whole hour, and no day's end. */
export const begin = Date.UTC(2026, 0, 5, 6)

export const threeSources = ['a:BTC-USD', 'b:BTC-USD', 'c:BTC-USD']

/** Falls by a tenth, and comes back. */
export const valley = Array.from(
  { length: 120 },
  (_, at) => 20_000 * (1 - Math.sin((at / 119) * Math.PI) / 10),
)

export type PricesBySource = Readonly<Record<string, readonly (number | undefined)[]>>

/** A price of each source for each minute; undefined where it says nothing. */
export function seriesBy(prices: PricesBySource): readonly QuoteSeries[] {
  return Object.entries(prices).map(([source, all]) => {
    const series = seriesOf(
      source,
      all.flatMap((price, at) => {
        if (price === undefined) return []
        const text = price.toFixed(2)
        const time = begin + at * minute
        return [{ knownAt: time, venueTime: time, bid: text, ask: text, last: text, traded: true }]
      }),
      'quote',
    )
    series.isBars = true
    return series
  })
}

/** All three sources at the same prices. */
export function together(prices: readonly number[]): readonly QuoteSeries[] {
  return seriesBy(Object.fromEntries(threeSources.map((source) => [source, prices])))
}

export const evmRules: EvmExchangeRules = {
  kind: 'evm-engine',
  initialMarginBps: 500n,
  maintenanceMarginBps: 250n,
  penaltyBps: 100n,
  maxFundingRate: 10n ** 16n,
  maxPriceAgeSeconds: 3_600,
  rules: { liquidatorShareBps: 5_000n, closeFactorBps: 5_000n, smallPosition: 100_000_000n },
  insuranceFund: 1_000_000_000_000n,
}

/** As starknet-perpetual's newest generation, with one tier of risk. */
export const coreRules: CoreExchangeRules = {
  kind: 'starknet-perpetual',
  initialMarginBps: 500n,
  maxFundingRate: 10n ** 16n,
  maxPriceAgeSeconds: 3_600,
  insuranceFund: 1_000_000_000_000n,
  generation: 'D',
  terms: { feeBps: 100n, discountBps: 50n, targetBps: 11_000n },
  risk: { riskFactorTiers: [25n], firstTierBoundary: 0n, tierSize: 0n },
  resolution: { 'BTC-USD': 1_000_000n },
}

/** As a StarkEx exchange: BTC has ten decimals, and 2.5 % are asked of each holding. */
export const starkexRules: StarkexExchangeRules = {
  kind: 'starkex',
  initialMarginBps: 500n,
  maxFundingRate: 1n << 20n,
  maxPriceAgeSeconds: 3_600,
  insuranceFund: 0n,
  terms: { feeBps: 10n, discountBps: 50n, targetBps: 11_000n },
  risk: { 'BTC-USD': [{ upperBound: 1n << 127n, riskFactor: (250n << 32n) / 10_000n }] },
  segmentedBy: 'balance',
  resolution: { 'BTC-USD': 10_000_000_000n },
}

export function postedAt(price: number): PostedUsd {
  return { price: BigInt(price) * 10n ** 18n, float: price, publishedAt: begin }
}

/** One market of three sources, a round each minute, nobody there; what does not matter is filled in. */
export function aSetup(minutes: number, over: Partial<BacktestSetup> = {}): BacktestSetup {
  const rules = { maxQuoteAgeMs: 2 * minute, frozenAfterMs: 10 * minute, maxJumpBps: 2_000 }
  return {
    feeds: theFeeds(aFeed(threeSources, { rules })),
    from: begin,
    to: begin + (minutes - 1) * minute,
    everyMs: minute,
    judgeMs: minute,
    seed: 1,
    push: { 'BTC-USD': { deviationBps: 50, heartbeatSeconds: 600 } },
    funding: undefined,
    liquidation: {
      policy: { mostPerSlot: 100, mostNotionalUsd: 1e9, leastRewardUsd: 0 },
      adlRule: 'bitmex',
      mostDeleverages: 100,
      everyMs: 5_000,
    },
    exchange: evmRules,
    costs: { gasPerTransaction: 60_000n, gasPerPrice: 40_000n, usdPerGas: 10n ** 12n },
    pushLatencyMs: 2_000,
    liquidationDelayMs: 0,
    wrongBps: 50,
    slackBps: 20,
    accounts: 0,
    ...over,
  }
}

export function played(setup: BacktestSetup, series: readonly QuoteSeries[]): BacktestOutcome {
  const backtest = openBacktest({ setup, seriesOf: finder(series) })
  while (backtest.run(1_000));
  return backtest.result()
}

export function finder(
  series: readonly QuoteSeries[],
): (source: Source) => QuoteSeries | undefined {
  return bySource(series)
}

export function btc(outcome: BacktestOutcome) {
  const [market] = outcome.markets
  if (!market) throw new RangeError('it has a market')
  return market
}

export const aRule = {
  kind: 'premium-only',
  damper: usd(0),
  periodCap: usd('0.02'),
  periodSeconds: 3_600,
} as const

/** Perpetuals a thousandth above spot all the time: 0.1 % in an hour, a sixth of it in ten minutes. */
export function withPremium(over: Partial<BacktestSetup>): BacktestOutcome {
  const perpetuals = ['d:BTC-USD-PERP', 'e:BTC-USD-PERP']
  const minutes = 31
  const prices = Object.fromEntries([
    ...threeSources.map((name) => [name, Array.from({ length: minutes }, () => 20_000)] as const),
    ...perpetuals.map((name) => [name, Array.from({ length: minutes }, () => 20_020)] as const),
  ])
  const base = aSetup(minutes)
  const [market] = base.feeds.markets
  if (!market) throw new Error('it has one')
  const instrument = { base: 'BTC', quote: 'USD', kind: 'perpetual' as const }
  const sources = [...market.sources, ...['d', 'e'].map((venue) => ({ venue, instrument }))]
  return played(
    {
      ...base,
      feeds: { ...base.feeds, markets: [{ ...market, sources }] },
      accounts: 40,
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
      ...over,
    },
    seriesBy(prices),
  )
}
