import type {
  BacktestResult,
  Band,
  CurvePoint,
  FeedCourse,
  FundingEpoch,
  Liquidation,
  MarketResult,
  Measures,
  Push,
  SourceCourse,
} from '../../../lib/domain/backtest/backtest-result.ts'

/** 2023-03-11 00:00 UTC, the day of a crash. */
export const begin = 1_678_492_800_000
const minute = 60_000

/** What a made run may differ in. */
export type Made = {
  readonly markets?: readonly string[]
  readonly venues?: readonly string[]
  readonly buckets?: number
  /** Of the posted price from the consensus at the worst of the crash. */
  readonly worstBps?: number
  readonly accounts?: number
}

/**
 * A made result of one day by the minute: prices fall by a tenth at noon, one source stays where it was, another lies for an
 * hour, and the posted price comes too late.
 */
export function aBacktest(made: Made = {}): BacktestResult {
  const { markets = ['BTC-USD', 'ETH-USD'], accounts = 500, buckets = 600 } = made
  const at = Array.from({ length: buckets }, (_, place) => begin + (place + 1) * minute)
  const to = at.at(-1) ?? begin
  const all = markets.map((feed) => aMarket(feed, at, made))
  const totals = { ...aMeasures(made), pushes: 30 * markets.length }
  return {
    format: 'starkeep-backtest/2',
    run: {
      network: 'local',
      version: '0.1.0',
      changes: [{ path: 'engines.evm.push.deviationBps', value: '25' }],
      parameters: {
        hash: '5f1c'.repeat(16),
        values: { 'engines.evm.push.deviationBps': '25', 'markets.BTC-USD.minSources': '3' },
      },
      seed: 7,
      from: begin,
      to,
      everyMs: minute,
      rounds: buckets,
      quotes: buckets * 5 * markets.length,
      recordings: [
        {
          file: 'crash.csv.gz',
          rows: 123_456,
          from: begin,
          to,
          unused: ['bitmex XBTUSD'],
          crossed: { all: 2, lines: [7, 9] },
          gaps: {
            all: 1,
            by: 'all',
            listed: [
              {
                source: 'okx BTC/USD',
                line: 1_204,
                from: begin + 20 * minute,
                to: begin + 40 * minute,
              },
            ],
          },
        },
      ],
      settings: {
        rules: 'evm-engine (evm)',
        funding: 'every 3600 s, sampled every 60 s',
        gasPerTransaction: 60_000,
        gasPerPrice: 35_000,
        usdPerGas: '0.00000004',
        pushLatencyMs: 4_000,
        liquidationDelayMs: 30_000,
        wrongBps: 50,
        slackBps: 20,
        crowd: {
          accounts,
          distribution: 'sizes log-normal, leverage 2 to 20',
          insuranceFund: '250000',
        },
      },
    },
    markets: all,
    legs: { USDT: aFeed('USDT-USD', 1, at, made) },
    exchange: {
      axis: { bucketMs: minute, at },
      insuranceFund: steady(at.map((_, place) => (place > buckets / 2 ? 180_000 : 250_000))),
      openInterest: steady(at.map((_, place) => 9_000_000 - place * 1_000)),
      liquidatable: steady(at.map((_, place) => (place === Math.floor(buckets / 2) ? 14 : 0))),
      bankrupt: steady(at.map((_, place) => (place === Math.floor(buckets / 2) ? 2 : 0))),
      shortfall: steady(at.map((_, place) => (place > buckets / 2 ? 1_250.5 : 0))),
      liquidations: {
        all: 24,
        by: 'all',
        listed: Array.from({ length: 24 }, (_, place) => aLiquidation(place, at)),
      },
      deleverages: {
        all: 1,
        by: 'all',
        listed: [
          {
            at: at[Math.floor(buckets / 2) + 2] ?? begin,
            account: 'account-77',
            counterparty: 'account-12',
            market: 'BTC-USD',
            notionalUsd: '4321.5',
            lossUsd: '12.25',
          },
        ],
      },
    },
    totals,
    curves: [
      {
        paths: ['engines.evm.push.deviationBps'],
        units: ['bps'],
        points: ['10', '25', '50', '100'].map((value, place) =>
          aPoint([value], value === '25', {
            ...totals,
            wrongSeconds: 60 * place ** 2,
            pushCostUsd: String(40 / (place + 1)),
            basisBps: 3 + place * 2,
          }),
        ),
      },
      {
        paths: ['oracle.roundMs', 'engines.evm.push.deviationBps'],
        units: ['ms', 'bps'],
        points: ['5000', '10000'].flatMap((window, row) =>
          ['10', '25', '50'].map((value, place) =>
            aPoint([window, value], row === 0 && value === '25', {
              ...totals,
              wrongSeconds: 60 * place + 200 * row,
              basisBps: 2 + place + row,
            }),
          ),
        ),
      },
    ],
  }
}

function aPoint(values: readonly string[], isRun: boolean, measures: Measures): CurvePoint {
  return { values, isRun, measures }
}

function aMarket(feed: string, at: readonly number[], made: Made): MarketResult {
  const { worstBps = 120 } = made
  const course = aFeed(feed, feed.startsWith('BTC') ? 20_000 : 1_500, at, made)
  const half = Math.floor(at.length / 2)
  const late = (place: number): number =>
    place >= half && place < half + 5 ? worstBps : 4 * Math.sin(place / 9)
  const posted = course.consensus.last.map((value, place) =>
    value === null ? null : value * (1 + late(place) / 10_000),
  )
  const pushes = Array.from({ length: 30 }, (_, place): Push => {
    const time = at[Math.floor((place * at.length) / 30)] ?? begin
    const why =
      place === 0
        ? 'first'
        : place % 5 === 0
          ? 'deviation'
          : place % 7 === 0
            ? 'rider'
            : 'heartbeat'
    return {
      decidedAt: time - 4_000,
      at: time,
      price: '20000.125',
      why,
      moveBps: place === 0 ? null : 12.5,
      costUsd: '0.0038',
    }
  })
  return {
    ...course,
    policy: { deviationBps: 25, heartbeatSeconds: 1_200 },
    mark: steady(posted),
    deviationBps: steady(at.map((_, place) => late(place))),
    ageSeconds: steady(at.map((_, place) => (place % 20) * 60)),
    wrong: {
      all: 1,
      by: 'all',
      listed: [{ from: at[half] ?? begin, to: at[half + 5] ?? begin, worstBps }],
    },
    pushes: {
      pushes: 30,
      why: { first: 1, deviation: 5, rider: 3, heartbeat: 21 },
      perBucket: at.map((_, place) => (place % Math.floor(at.length / 30) === 0 ? 1 : 0)),
      costUsd: '0.114',
      costPerPushUsd: '0.0038',
      list: { all: 30, by: 'all', listed: pushes },
    },
    funding: Array.from({ length: 10 }, (_, place): FundingEpoch => ({
      at: at[Math.floor((place * at.length) / 10)] ?? begin,
      rate: place === 6 ? '-0.00075' : `0.0000${place + 1}`,
      premium: `0.0001${place}`,
      samples: 60,
      capped: place === 6,
      paidUsd: '12.125',
    })),
    measures: aMeasures(made),
  }
}

function aFeed(
  feed: string,
  size: number,
  at: readonly number[],
  { venues = ['binance', 'coinbase', 'kraken', 'okx', 'bybit'] }: Made,
): FeedCourse {
  const half = at.length / 2
  const truth = at.map((_, place) => {
    const fallen = Math.min(0.1, Math.max(0, (place - half) / 300))
    return size * (1 - fallen) * (1 + 0.002 * Math.sin(place / 17) + 0.0004 * wobble(place))
  })
  const isSilent = (place: number): boolean => place >= half + 10 && place < half + 22
  const sources = venues.map((venue, which) => aSource({ feed, venue, which, truth, at }))
  return {
    feed,
    axis: { bucketMs: minute, at },
    price: steady(truth.map((value, place) => (isSilent(place) ? null : value))),
    consensus: steady(truth),
    sources,
    outcomes: { price: at.length - 12, 'refused too-few-agree': 8, 'hold jump': 4 },
    silent: {
      all: 2,
      by: 'all',
      listed: [
        {
          from: at[half + 10] ?? begin,
          to: at[half + 14] ?? begin,
          kind: 'hold',
          reason: 'jump',
          detail: '4.1 % from the last price',
        },
        {
          from: at[half + 14] ?? begin,
          to: at[half + 22] ?? begin,
          kind: 'refused',
          reason: 'too-few-agree',
          detail: '2 of 5 agree, 3 are needed',
        },
      ],
    },
  }
}

function aSource({
  feed,
  venue,
  which,
  truth,
  at,
}: {
  readonly feed: string
  readonly venue: string
  readonly which: number
  readonly truth: readonly number[]
  readonly at: readonly number[]
}): SourceCourse {
  const half = at.length / 2
  const isFrozen = (place: number): boolean => which === 2 && place >= half && place < half + 60
  const isLying = (place: number): boolean =>
    which === 3 && place >= half / 2 && place < half / 2 + 60
  const stood = truth[half - 1] ?? 0
  const prices = truth.map((value, place) => {
    const own = isFrozen(place)
      ? stood
      : value * (1 + 0.0001 * (which - 2) + 0.0002 * wobble(place * 7 + which))
    return isLying(place) ? own * 1.03 : own
  })
  const spans = [
    {
      from: at[half] ?? begin,
      to: at[half + 60] ?? begin,
      verdict: 'frozen',
      detail: 'the same for 60 s while others moved by 40 bps',
    },
    {
      from: at[half / 2] ?? begin,
      to: at[half / 2 + 60] ?? begin,
      verdict: 'disagrees',
      detail: '300 bps from the median',
    },
  ].filter(({ verdict }) => (verdict === 'frozen' ? which === 2 : which === 3))
  const [span] = spans
  return {
    venue,
    instrument: feed.replace('-', '/'),
    price: aBand(
      prices,
      (value, place) => value * (1 + 0.0004 * Math.abs(wobble(place * 3 + which))),
    ),
    deviationBps: steady(
      prices.map((price, place) => (price / (truth[place] ?? price) - 1) * 10_000),
    ),
    verdicts: span ? { agrees: at.length - 60, [span.verdict]: 60 } : { agrees: at.length },
    left: { all: spans.length, by: 'all', listed: spans },
  }
}

export function aMeasures({ worstBps = 120 }: Made = {}): Measures {
  return {
    judgedSeconds: 36_000,
    wrongSeconds: worstBps > 50 ? 300 : 0,
    worstBps,
    basisBps: 3.25,
    silentSeconds: 720,
    meanAgeSeconds: 570,
    maxAgeSeconds: 1_140,
    overdueSeconds: 0,
    pushes: 30,
    pushCostUsd: '0.114',
    liquidations: 24,
    wrongfulLiquidations: worstBps > 50 ? 2 : 0,
    liquidatedUsd: '180250.75',
    penaltiesUsd: '1802.5075',
    fundPaidUsd: '70000',
    fundEndUsd: '180000',
    fundLowestUsd: '179999.5',
    shortfallUsd: '1250.5',
    deleverages: 1,
    fundingPaidUsd: '121.25',
  }
}

function aLiquidation(place: number, at: readonly number[]): Liquidation {
  return {
    at: at[Math.floor(at.length / 2) + (place % 6)] ?? begin,
    account: `account-${place}`,
    market: place % 2 === 0 ? 'BTC-USD' : 'ETH-USD',
    waitedMs: 30_000,
    notionalUsd: String(10 ** (2 + (place % 4)) * (1 + place / 24)),
    penaltyUsd: '12.5',
    rewardUsd: '6.25',
    coverUsd: place === 3 ? '1250.5' : '0',
    valueUsd: place === 3 ? '-1250.5' : '88.125',
    wrongful: place === 4,
  }
}

/** A band of one value in each bucket. */
export function steady(values: readonly (number | null)[]): Band {
  return { low: values, high: values, last: values }
}

function aBand(values: readonly number[], high: (value: number, place: number) => number): Band {
  return { low: values, high: values.map(high), last: values }
}

/** The same at the same place, without order. */
function wobble(place: number): number {
  const mixed = Math.sin(place * 12.9898) * 43_758.5453
  return (mixed - Math.floor(mixed)) * 2 - 1
}
