import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { AggregationRules } from '../../lib/domain/feed.ts'
import { aggregationDefaults } from '../../lib/runtime/network/aggregation.ts'
import type { Setup } from './rule.ts'

/** What is compared. */
export const columns = ['worst', 'wrong', 'silent', 'moves'] as const
export type Column = (typeof columns)[number]

/** One market of one recording of real venues, as all rules play it. */
export type Recording = {
  readonly name: string
  /** Its name in the folder. */
  readonly file: string
  readonly from: number
  readonly to: number
  /** By `venue symbol` of the file: the source that it is to the rules. */
  readonly sources: Readonly<Record<string, string>>
  /** Those of them whose trades in USD, or in the one unit of the recording, say what the price was. */
  readonly truth: readonly string[]
  /** How far apart sound venues may trade. */
  readonly slackBps: number
  /** A price this far outside of all that sound venues said is wrong. */
  readonly wrongBps: number
  /** A real move is one of at least so much, and followed where half of it is shown `followWithinMs` later. */
  readonly moveBps: number
  readonly followWithinMs: number
  /** Sources that are made to repeat their numbers under new times, for so long in the middle of each so long. */
  readonly freeze?: {
    readonly sources: readonly string[]
    readonly eachMs: number
    readonly forMs: number
  }
  /** What is simplified, for people. */
  readonly note: string
  /** Where ours is not the best, why. */
  readonly reasons: Partial<Readonly<Record<Column, string>>>
  readonly setup: Omit<Setup, 'sources' | 'legs'>
}

/** Where they are beside the project. */
export const sharedRecordings = fileURLToPath(
  new URL('../../../shared/data/prices', import.meta.url),
)

/** Why the recordings in a folder cannot be played; empty where they are there. */
export function lackingIn(folder: string): string {
  const lost = [...new Set(recordings.map(({ file }) => file))].filter(
    (file) => !existsSync(join(folder, file)),
  )
  return lost.length === 0 ? '' : `${folder} has no ${lost.join(', ')}`
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** Quotes of bars are as old as the bar, or two where one is late; what is unchanged for ten of them may be frozen. */
function inBars(everyMs: number, over: Partial<AggregationRules> = {}): Partial<AggregationRules> {
  return {
    maxQuoteAgeMs: 2 * everyMs,
    maxTradeAgeMs: 2 * everyMs,
    frozenAfterMs: 10 * everyMs,
    ...over,
  }
}

function setupOf(
  everyMs: number,
  rules: Partial<AggregationRules>,
  over: Partial<Recording['setup']> = {},
): Recording['setup'] {
  return {
    everyMs,
    minSources: 3,
    minLegSources: 2,
    families: {},
    rules: { ...aggregationDefaults.major, ...rules },
    legRules: { ...aggregationDefaults.stable, ...inBars(everyMs) },
    ...over,
  }
}

/** A move of an hour is about six times as wide as one of a minute or less. */
const hourly = { maxJumpBps: 3_000, hardBandBps: 600, pairBandBps: 300, floorBps: 100 } as const

const depegSources = {
  'coinbase BTC-USD': 'coinbase:BTC-USD',
  'kraken XBT/USD': 'kraken:BTC-USD',
  'binanceus BTCUSD': 'binanceus:BTC-USD',
  'cryptocom BTC_USD': 'crypto-com:BTC-USD',
  'binance BTCUSDT': 'binance:BTC-USDT',
  'binanceus BTCUSDT': 'binanceus:BTC-USDT',
  'coinbase BTC-USDT': 'coinbase:BTC-USDT',
  'kraken XBT/USDT': 'kraken:BTC-USDT',
  'cryptocom BTC_USDT': 'crypto-com:BTC-USDT',
  'binanceus BTCUSDC': 'binanceus:BTC-USDC',
  'bybit BTCUSDC': 'bybit:BTC-USDC',
  'cryptocom BTC_USDC': 'crypto-com:BTC-USDC',
  'kraken XBT/USDC': 'kraken:BTC-USDC',
  'coinbase USDT-USD': 'coinbase:USDT-USD',
  'kraken USDT/USD': 'kraken:USDT-USD',
  'kraken USDC/USD': 'kraken:USDC-USD',
  'binanceus USDCUSD': 'binanceus:USDC-USD',
} as const

const inMinutes = {
  slackBps: 20,
  wrongBps: 50,
  moveBps: 100,
  followWithinMs: 10 * minuteMs,
} as const

const depeg: Recording = {
  ...inMinutes,
  name: 'USDC depeg, 2023-03, 1 m',
  file: 'usdc_depeg_2023-03-01_21_1m.csv.gz',
  from: Date.UTC(2023, 2, 1, 0, 1),
  to: Date.UTC(2023, 2, 22),
  sources: depegSources,
  truth: ['coinbase BTC-USD', 'kraken XBT/USD', 'binanceus BTCUSD', 'cryptocom BTC_USD'],
  note: 'BTC of 13 books at 6 venues, 9 of them in USDT or USDC, which have two books in USD each',
  reasons: {
    worst:
      'Chronicle reads books in USD alone. Ours counts those in USDT too, at what two books said of USDT in that minute, in which sound venues were 29 bps apart themselves.',
    silent:
      'For two minutes Kraken had no trade and Coinbase’s recorded book was crossed: with one book for each stablecoin nothing is converted, and two books in USD are one too few.',
  },
  setup: setupOf(minuteMs, inBars(minuteMs), {
    families: { binance: ['binance', 'binanceus'] },
  }),
}

function crashDays(): readonly Recording[] {
  const days = [
    ['2017-09-04', Date.UTC(2017, 8, 4, 0, 1), Date.UTC(2017, 8, 5)],
    ['2017-12-17', Date.UTC(2017, 11, 17, 0, 1), Date.UTC(2017, 11, 18)],
    ['2018-04-04 to 06', Date.UTC(2018, 3, 4, 0, 1), Date.UTC(2018, 3, 7)],
  ] as const
  return days.map(([day, from, to]) => ({
    ...inMinutes,
    name: `BitMEX and Coinbase, ${day}, 1 m`,
    file: 'bitmex_coinbase_1m_crashdays_2017_2021.csv.gz',
    from,
    to,
    sources: { 'bitmex XBTUSD': 'bitmex:BTC-USD', 'coinbase BTC-USD': 'coinbase:BTC-USD' },
    truth: ['bitmex XBTUSD', 'coinbase BTC-USD'],
    // A perpetual and a spot book of those days.
    slackBps: 50,
    note: 'two venues, of which one is a perpetual: every rule makes do with two',
    reasons: {
      worst:
        'Whoever takes the venue with more volume is at one of the two, which is never outside of both; with two nobody can say which is right.',
      silent:
        'Two venues that are further apart than pairBandBps have no majority, and the premium of a perpetual was often more than that.',
      moves: 'They are followed when the two come together again.',
    },
    setup: setupOf(minuteMs, inBars(minuteMs, { minFamilies: 2 }), { minSources: 2 }),
  }))
}

/** What holds for one market only. */
const only = {
  hours: {
    silent:
      'In five hours of November 2022 spot and perpetual were over 5 % apart, which must be seen twice within five minutes, and rounds here are an hour apart.',
    moves: 'A move that ends in such an hour is followed in the next, where it is still there.',
  },
  seconds: {
    silent:
      'The recording has changes of the best bid and ask alone: for seven seconds two of three books had none for ten, which is as old as a quote may be.',
  },
} as const

function crashesOf(base: string): Recording {
  return {
    ...inMinutes,
    name: `Binance ${base}, four crashes 2022 to 2025, 1 h`,
    file: 'binance_spot_perp_mark_1h_crashes_2022_2025.csv.gz',
    from: Date.UTC(2022, 4, 5, 1),
    to: Date.UTC(2025, 9, 13),
    sources: {
      [`binance-spot ${base}USDT`]: `binance:${base}-USD`,
      [`binance-usdm ${base}USDT`]: `binance-futures:${base}-USD`,
      [`binance-usdm-mark ${base}USDT`]: `binance-mark:${base}-USD`,
    },
    truth: [`binance-spot ${base}USDT`, `binance-usdm ${base}USDT`],
    followWithinMs: 2 * hourMs,
    note: 'one exchange’s spot, perpetual and mark price, counted in USDT; families are not asked for',
    reasons: base === 'SOL' ? only.hours : {},
    setup: setupOf(hourMs, inBars(hourMs, { ...hourly, minFamilies: 1 }), { minSources: 2 }),
  }
}

function ticksOf(base: string): Recording {
  return {
    name: `Binance ${base}, ten minutes of 2024-08-08, ticks`,
    file: 'binance_3markets_bbo_trades_2024-08-08.csv.gz',
    from: Date.UTC(2024, 7, 8, 23, 54, 30),
    to: Date.UTC(2024, 7, 9, 0, 5),
    sources: {
      [`binance-spot ${base}USDT`]: `binance:${base}-USD`,
      [`binance-usdm ${base}USDT`]: `binance-futures:${base}-USD`,
      [`binance-coinm ${base}USD_PERP`]: `binance-coinm:${base}-USD`,
    },
    truth: [
      `binance-spot ${base}USDT`,
      `binance-usdm ${base}USDT`,
      `binance-coinm ${base}USD_PERP`,
    ],
    slackBps: 5,
    wrongBps: 10,
    moveBps: 10,
    followWithinMs: 30_000,
    note: 'one exchange’s three books, counted as one unit; a round each second; one of the three ends at midnight',
    reasons: base === 'BTC' ? only.seconds : {},
    setup: setupOf(1_000, { minFamilies: 1 }, { minSources: 2 }),
  }
}

/** Every recording of ../shared/data/prices that has more than one venue for a market at a time. */
export const recordings: readonly Recording[] = [
  depeg,
  {
    ...depeg,
    name: 'the same, with half an hour of seven frozen books in each three hours',
    freeze: {
      sources: [
        'crypto-com:BTC-USD',
        'binanceus:BTC-USD',
        'binance:BTC-USDT',
        'binanceus:BTC-USDT',
        'crypto-com:BTC-USDT',
        'bybit:BTC-USDC',
        'kraken:BTC-USDC',
      ],
      eachMs: 3 * hourMs,
      forMs: 30 * minuteMs,
    },
    note: 'the freeze is injected: numbers stand still, times do not; what the price was is still read from the trades',
    reasons: {
      silent:
        'What is alive during a freeze is of fewer than three families, or too few books: ours says nothing where the others say the frozen price.',
      moves:
        'Moves in those silences are seen when they end, and moves in the first ten minutes of a freeze before it shows; capped volume happens to weigh the living books more.',
    },
  },
  ...crashDays(),
  {
    ...inMinutes,
    name: 'Binance and Bybit, 2022-12-13, 1 m',
    file: 'lean_1m_2022-12-13_binance_bybit.csv.gz',
    from: Date.UTC(2022, 11, 13, 0, 1),
    to: Date.UTC(2022, 11, 14),
    sources: {
      'binance BTCBUSD': 'binance:BTC-USD',
      'binance-coinm BTCUSD_PERP': 'binance-coinm:BTC-USD',
      'bybit BTCUSDT': 'bybit:BTC-USD',
      'bybit-linear BTCUSDT': 'bybit-linear:BTC-USD',
      'bybit-inverse BTCUSD': 'bybit-inverse:BTC-USD',
    },
    truth: [
      'binance BTCBUSD',
      'binance-coinm BTCUSD_PERP',
      'bybit BTCUSDT',
      'bybit-linear BTCUSDT',
      'bybit-inverse BTCUSD',
    ],
    note: 'no leg is recorded: BUSD, USDT and USD count as one unit for every rule; two of five books end at noon',
    reasons: {},
    setup: setupOf(minuteMs, inBars(minuteMs)),
  },
  {
    ...inMinutes,
    name: 'BTC crashes, 2020-03 and 2021-05, 1 h',
    file: 'btc_1h_4venues_2020-03_2021-05.csv.gz',
    from: Date.UTC(2020, 2, 9, 1),
    to: Date.UTC(2021, 4, 22),
    sources: {
      'bitmex XBTUSD': 'bitmex:BTC-USD',
      'gemini BTCUSD': 'gemini:BTC-USD',
      'bitstamp BTCUSD': 'bitstamp:BTC-USD',
    },
    truth: ['bitmex XBTUSD', 'gemini BTCUSD', 'bitstamp BTCUSD'],
    followWithinMs: 2 * hourMs,
    note: 'rounds an hour apart: our bounds on moves between rounds are six times wider',
    reasons: {
      silent:
        'Once no two of three venues agreed. In two more hours they were over 5 % apart, which must be seen twice within five minutes, and rounds here are an hour apart.',
      moves: 'A move that ends in such an hour is followed in the next, where it is still there.',
    },
    setup: setupOf(hourMs, inBars(hourMs, { ...hourly, minFamilies: 2 }), { minSources: 2 }),
  },
  ...(['BTC', 'ETH', 'SOL', 'XRP'] as const).map(crashesOf),
  ...(['BTC', 'ETH'] as const).map(ticksOf),
]
