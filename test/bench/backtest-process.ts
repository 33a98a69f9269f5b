import process from 'node:process'

import { loadRecordings } from '../../lib/adapters/recordings/load-recordings.ts'
import { ownListing, recordedListing } from '../../lib/adapters/recordings/recorded-names.ts'
import { wasmScan } from '../../lib/adapters/scan/wasm-scan.ts'
import { priceRound } from '../../lib/domain/aggregate-round.ts'
import type { BacktestSetup } from '../../lib/domain/backtest/backtest-setup.ts'
import { openBacktest } from '../../lib/domain/backtest/backtest.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import { openFastRounds } from '../../lib/domain/fast-round/fast-rounds.ts'
import { quoteOf } from '../../lib/domain/fast-round/fast-source.ts'
import type { AggregationRules, Feeds, Source } from '../../lib/domain/feed.ts'
import { instrumentName } from '../../lib/domain/instrument.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import type { PriceMemory } from '../../lib/domain/price-round.ts'
import { newestAt, type QuoteSeries } from '../../lib/domain/recorded/quote-series.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { aggregationDefaults } from '../../lib/runtime/network/aggregation.ts'
import { type BacktestMeasured, directVenues, firstMinute, venues } from './backtest.ts'

// Plays the files that it is given, in this fresh process, and says what that took.

const files = process.argv.slice(2)
const minute = 60_000
/** The exact rule is slow enough that some rounds are as good as all. */
const mostExactRounds = 3_000

const whole = startClock()
const { series, files: read } = await loadRecordings(
  files.map((file) => ({ file })),
  { listingOf: (venue, symbol) => recordedListing(venue, symbol) ?? ownListing(venue, symbol) },
)
const readMs = whole.cpuMs()
const rows = read.reduce((sum, one) => sum + one.rows, 0)
const last = Math.max(...series.map(({ knownAt, length }) => knownAt[length - 1] ?? 0))
const rounds = Math.round((last - firstMinute) / minute) + 1
const byName = new Map(series.map((one) => [nameOf(one), one]))
const seriesOf = (source: Source): QuoteSeries | undefined => byName.get(nameOf(source))

const playing = startClock()
const backtest = openBacktest({ setup: setupOf(), seriesOf, scan: wasmScan() })
while (backtest.run(10_000));
const { totals, ...result } = backtest.result()
JSON.stringify(result)
const [playMs, wholeMs, wholeWallMs] = [playing.cpuMs(), whole.cpuMs(), whole.wallMs()]

const fast = aggregateAll()
const exact = aggregateExactly()
const measured: BacktestMeasured = {
  series: series.length,
  minutes: rounds,
  rows,
  readMs,
  ...fast,
  ...exact,
  playMs,
  liquidations: totals.liquidations,
  pushes: totals.pushes,
  wholeWallMs,
  wholeMs,
  peakMib: Math.round(process.resourceUsage().maxRSS / 1_024),
}
process.stdout.write(JSON.stringify(measured))

function aggregateAll(): Pick<
  BacktestMeasured,
  'aggregateMs' | 'quotes' | 'exactRounds' | 'rounds'
> {
  const feeds = feedsOf()
  const priced = openFastRounds({ feeds, seriesOf })
  let quotes = 0
  const before = process.threadCpuUsage()
  for (let round = 0; round < rounds; round += 1) {
    priced.decide(round, timestamp(firstMinute + round * minute))
    quotes += priced.quotes()
  }
  const { user, system } = process.threadCpuUsage(before)
  const all = [...priced.markets, ...priced.legs.map((leg) => leg.last)]
  return {
    aggregateMs: (user + system) / 1_000,
    quotes,
    exactRounds: all.reduce((sum, one) => sum + one.exactRounds, 0),
    rounds: all.reduce((sum, one) => sum + one.rounds, 0),
  }
}

function aggregateExactly(): Pick<BacktestMeasured, 'exactMs' | 'exactQuotes'> {
  const feeds = feedsOf()
  let memory: PriceMemory | undefined
  let [exactQuotes, cpu] = [0, 0]
  for (let round = 0; round < Math.min(rounds, mostExactRounds); round += 1) {
    const now = timestamp(firstMinute + round * minute)
    // A live tick has its quotes: to make them of columns is not the rule's work.
    const quotes = series.flatMap((one) => {
      const row = newestAt(one, now)
      return row < 0 ? [] : [quoteOf(one, row, now)]
    })
    const before = process.threadCpuUsage()
    memory = priceRound({ round, feeds, quotes, memory, now }).memory
    const { user, system } = process.threadCpuUsage(before)
    cpu += (user + system) / 1_000
    exactQuotes += quotes.length
  }
  return { exactMs: cpu, exactQuotes }
}

function feedsOf(): Feeds {
  const bars: Partial<AggregationRules> = {
    maxQuoteAgeMs: 2 * minute,
    maxTradeAgeMs: 2 * minute,
    frozenAfterMs: 10 * minute,
  }
  return {
    families: {},
    markets: [
      {
        feed: parseMarket('BTC-USD'),
        sources: venues.map((venue, at) => spot(venue, 'BTC', at < directVenues ? 'USD' : 'USDT')),
        minSources: 5,
        rules: { ...aggregationDefaults.major, ...bars },
      },
    ],
    legs: {
      USDT: {
        feed: parseMarket('USDT-USD'),
        sources: venues.slice(0, directVenues).map((venue) => spot(venue, 'USDT', 'USD')),
        minSources: 3,
        rules: { ...aggregationDefaults.stable, ...bars },
        warnBandBps: 500,
        haltBelow: new Decimal('0.9'),
      },
    },
  }
}

function spot(venue: string, base: string, quote: string): Source {
  return { venue, instrument: { base, quote, kind: 'spot' } }
}

function setupOf(): BacktestSetup {
  const impact = { 'BTC-USD': new Decimal(10_000) }
  const rule = {
    kind: 'interest-clamp',
    interest: new Decimal('0.0001'),
    innerClamp: new Decimal('0.0005'),
    periodCap: new Decimal('0.02'),
    periodSeconds: 28_800,
  } as const
  const market = { rule, maxRate: new Decimal('0.01'), fullRangeSeconds: undefined }
  return {
    feeds: feedsOf(),
    from: firstMinute,
    to: last,
    everyMs: minute,
    judgeMs: minute,
    seed: 1,
    push: { 'BTC-USD': { deviationBps: 20, heartbeatSeconds: 300, heartbeatJitterPercent: 10 } },
    funding: {
      policy: {
        epochSeconds: 3_600,
        slotSeconds: 60,
        samples: { minSamples: 30, minVotes: 1, missing: 'zero', average: 'mean' },
        late: { kind: 'cap', maxSeconds: 3_600 },
        markets: { 'BTC-USD': market },
      },
      impactNotional: impact,
    },
    liquidation: {
      policy: { mostPerSlot: 50, mostNotionalUsd: 10_000_000, leastRewardUsd: 0 },
      adlRule: 'bitmex',
      mostDeleverages: 50,
      everyMs: 5_000,
    },
    exchange: {
      kind: 'evm-engine',
      initialMarginBps: 500n,
      maintenanceMarginBps: 250n,
      penaltyBps: 100n,
      maxFundingRate: 10n ** 16n,
      maxPriceAgeSeconds: 600,
      rules: { liquidatorShareBps: 5_000n, closeFactorBps: 5_000n, smallPosition: 100_000_000n },
      insuranceFund: 10n ** 12n,
    },
    costs: { gasPerTransaction: 60_000n, gasPerPrice: 45_000n, usdPerGas: 300_000_000_000n },
    pushLatencyMs: 2_000,
    liquidationDelayMs: 5_000,
    wrongBps: 50,
    slackBps: 20,
    accounts: 1_000,
  }
}

function nameOf({ venue, instrument }: Source): string {
  return `${venue}:${instrumentName(instrument)}`
}

function startClock(): { readonly cpuMs: () => number; readonly wallMs: () => number } {
  const begun = performance.now()
  const before = process.cpuUsage()
  return {
    cpuMs() {
      const { user, system } = process.cpuUsage(before)
      return (user + system) / 1_000
    },
    wallMs: () => performance.now() - begun,
  }
}
