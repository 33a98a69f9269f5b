import type { AggregationRules } from '../../lib/domain/feed.ts'
import type { Quote } from '../../lib/domain/quote.ts'
import { after, rules as roundRules } from '../domain/quotes.ts'
import type { Round, Seen, Setup } from './rule.ts'
import { flatBook, seenOf } from './seen.ts'

/** A failure that happened, or one of its class, and what a price must be through it. */
export type Scenario = {
  readonly name: string
  /** Who told of it. */
  readonly source: string
  /** The same failure of each venue in turn: a rule that weighs venues must be right whichever it is. */
  readonly variants: readonly Variant[]
  /** What is right in each of the last rounds. */
  readonly right: readonly Right[]
  /** What ours says in the judged rounds, as the reference has it: a price, or why none. */
  readonly ours: readonly string[]
}

export type Variant = {
  readonly setup: Setup
  /** From the first round on; the last ones are judged. */
  readonly rounds: readonly Round[]
}

export type Right = {
  /** What the true price was; undefined where nobody could know it, so that any price is wrong. */
  readonly truth: readonly [low: number, high: number] | undefined
  /** Whether a network may also say nothing. */
  readonly maySayNothing: boolean
}

/** What one source shows in one round: a price, or more than that; `-` where it does not answer. */
type Shown =
  | string
  | {
      readonly price?: string
      readonly bid?: string
      readonly ask?: string
      readonly volume?: number
      /** How old the venue's own time is. */
      readonly ageSeconds?: number
      /** The answer bears no time of the venue's; its `Date` header is so old. */
      readonly answerAgeSeconds?: number
    }

type Told = {
  readonly name: string
  readonly source: string
  /** `venue` or `venue:CURRENCY`; USD where none is said. */
  readonly venues: readonly string[]
  readonly rounds: readonly {
    readonly atSeconds: number
    readonly shown: readonly Shown[]
    /** The same price at three venues. */
    readonly leg?: string
  }[]
  readonly right: readonly Right[]
  readonly ours: readonly string[]
  readonly minSources?: number
  readonly rules?: Partial<AggregationRules>
  readonly families?: Setup['families']
  readonly contractBounds?: Setup['contractBounds']
  /** The currency that `leg` prices. */
  readonly legOf?: string
}

/** Hyperliquid counts only its own seven venues, so that scenarios happen there. */
const seven = ['binance', 'okx', 'bybit', 'kraken', 'kucoin', 'gate', 'mexc'] as const

const between = (low: number, high: number): Right => ({
  truth: [low, high],
  maySayNothing: false,
})
const orNothing = (low: number, high: number): Right => ({
  truth: [low, high],
  maySayNothing: true,
})
const nothing: Right = { truth: undefined, maySayNothing: true }

const first = (count: number) => seven.slice(0, count)
const once = (shown: readonly Shown[]) => [{ atSeconds: 0, shown }]
const classic = 'a classic'

const all100 = ['100', '100.02', '99.98', '100', '100.01']
const usdtMarket = ['coinbase', 'kraken', 'binance:USDT', 'okx:USDT', 'bybit:USDT', 'kucoin:USDT']
const usdtAt95 = ['100', '100.03', '105.2632', '105.27', '105.25', '105.30']

/** The classic failures, each so small that what every rule makes of it can be computed by hand. */
const classics: readonly Told[] = [
  {
    name: 'A. one of five crashes by 40 %',
    source: classic,
    venues: first(5),
    rounds: once(['100', '100.02', '99.98', '100.05', '60']),
    right: [between(99.98, 100.05)],
    ours: ['100'],
  },
  {
    name: 'B. two of five crash together',
    source: classic,
    venues: first(5),
    rounds: once(['100', '100.02', '99.98', '60', '61']),
    right: [between(99.98, 100.02)],
    ours: ['99.98'],
  },
  {
    name: 'C. one of two is a thousandfold',
    source: `${classic}; Synthetix sKRW, 2019-06-25`,
    venues: first(2),
    minSources: 2,
    rounds: once(['1', '1000']),
    right: [orNothing(1, 1)],
    ours: ['refused pair-apart'],
  },
  {
    name: 'D. one of four has an exponent wrong',
    source: classic,
    venues: first(4),
    rounds: once(['100', '100.1', '99.9', '10000000000']),
    right: [between(99.9, 100.1)],
    ours: ['100.05'],
  },
  {
    name: 'E. two of five are frozen, the market falls by 3 %',
    source: classic,
    venues: first(5),
    rounds: [
      { atSeconds: 0, shown: all100 },
      { atSeconds: 61, shown: ['97', '97.02', '96.98', '100', '100.01'] },
    ],
    right: [between(96.98, 97.02)],
    ours: ['97'],
  },
  {
    name: 'F. three of five are frozen, two are enough',
    source: classic,
    venues: first(5),
    minSources: 2,
    rounds: [
      { atSeconds: 0, shown: all100 },
      { atSeconds: 61, shown: ['97', '97.02', '99.98', '100', '100.01'] },
    ],
    right: [between(97, 97.02)],
    ours: ['97.01'],
  },
  {
    name: 'F. three of five are frozen, three are needed',
    source: classic,
    venues: first(5),
    rounds: [
      { atSeconds: 0, shown: all100 },
      { atSeconds: 61, shown: ['97', '97.02', '99.98', '100', '100.01'] },
    ],
    right: [orNothing(97, 97.02)],
    ours: ['refused too-few-sources'],
  },
  {
    name: 'G. one of four returns zero',
    source: classic,
    venues: first(4),
    rounds: once(['100', '100.1', '99.9', '0']),
    right: [between(99.9, 100.1)],
    ours: ['100'],
  },
  {
    name: 'H. an honest thin market',
    source: classic,
    venues: first(5),
    rules: { floorBps: 100, hardBandBps: 300 },
    rounds: once(['1.00', '1.004', '0.997', '1.009', '0.992']),
    right: [between(0.997, 1.004)],
    ours: ['1'],
  },
  {
    name: 'I. a real crash, venues trail each other',
    source: classic,
    venues: first(5),
    rounds: [0, 10, 20, 30].map((atSeconds) => ({
      atSeconds,
      shown: atSeconds === 0 ? all100 : ['70', '72', '66', '75', '69'],
    })),
    right: [orNothing(66, 75), between(66, 75), between(66, 75)],
    ours: ['hold dispersion', '70', '70'],
  },
  {
    name: 'J. two of four are corrupted alike',
    source: classic,
    venues: first(4),
    rounds: [0, 10, 20, 30].map((atSeconds) => ({
      atSeconds,
      shown: atSeconds === 0 ? all100.slice(0, 4) : ['100', '100.05', '60', '60.05'],
    })),
    right: [orNothing(100, 100.05), orNothing(100, 100.05), orNothing(100, 100.05)],
    ours: ['hold dispersion', 'hold dispersion', 'hold dispersion'],
  },
  {
    name: 'J. the same upward',
    source: `${classic}, mirrored: which of two middles a rule takes must not decide`,
    venues: first(4),
    rounds: [0, 10, 20, 30].map((atSeconds) => ({
      atSeconds,
      shown: atSeconds === 0 ? all100.slice(0, 4) : ['100', '100.05', '140', '140.07'],
    })),
    right: [orNothing(100, 100.05), orNothing(100, 100.05), orNothing(100, 100.05)],
    ours: ['hold dispersion', 'hold dispersion', 'hold dispersion'],
  },
  {
    name: 'V. one of five washes 60 % of all volume',
    source: classic,
    venues: first(5),
    rounds: once([
      { price: '100', volume: 10 },
      { price: '100.02', volume: 10 },
      { price: '99.98', volume: 10 },
      { price: '100.05', volume: 10 },
      { price: '60', volume: 60 },
    ]),
    right: [between(99.98, 100.05)],
    ours: ['100'],
  },
  {
    name: 'U. USDT at 0.95, four of six are quoted in it',
    source: classic,
    venues: usdtMarket,
    legOf: 'USDT',
    rounds: [0, 10].map((atSeconds) => ({ atSeconds, shown: usdtAt95, leg: '0.95' })),
    right: [between(99.98, 100.04)],
    ours: ['100.00327'],
  },
  {
    name: 'U. the same, and nobody prices USDT',
    source: classic,
    venues: usdtMarket,
    legOf: 'USDT',
    minSources: 2,
    rounds: [0, 10].map((atSeconds) => ({ atSeconds, shown: usdtAt95 })),
    right: [between(100, 100.03)],
    ours: ['100.015'],
  },
]

/** What happened, as far as prices can express it. */
const incidents: readonly Told[] = [
  {
    name: '2019-06 Synthetix sKRW: four sources degrade to two, one of them a thousandfold',
    source: 'blog.synthetix.io/response-to-oracle-incident',
    venues: first(4),
    rounds: [
      { atSeconds: 0, shown: ['1', '1', '1', '1'] },
      { atSeconds: 10, shown: ['1', '1000', '-', '-'] },
    ],
    right: [orNothing(1, 1)],
    ours: ['refused too-few-sources'],
  },
  {
    name: '2020-11 Compound DAI: 1.30 on one venue',
    source: 'comp.xyz t/642',
    venues: first(4),
    rounds: once(['1.30', '1.00', '1.001', '1.0005']),
    right: [between(1, 1.001)],
    ours: ['1.00075'],
  },
  {
    name: '2021-09 Pyth BTC: one publisher at zero, one off by 10^8',
    source: 'pyth.network root cause',
    venues: first(5),
    rounds: [
      { atSeconds: 0, shown: ['43000', '43010', '42990', '43005', '42995'] },
      { atSeconds: 10, shown: ['43000', '43010', '42990', '0', '0.00043'] },
    ],
    right: [between(42_990, 43_010)],
    ours: ['43000'],
  },
  {
    name: '2021-12 Mango MSOL: nobody knows the price to 10 %',
    source: 'Pyth’s advice since: refuse where the confidence is over 10 % of the price',
    venues: first(3),
    rounds: once([
      { price: '200', bid: '180', ask: '225' },
      { price: '230', bid: '195', ask: '240' },
      { price: '185', bid: '175', ask: '220' },
    ]),
    right: [nothing],
    ours: ['refused no-sources'],
  },
  {
    name: '2022-05 LUNA: down to a cent below a contract’s floor',
    source: 'Venus and Blizz, whose feed stopped at minAnswer',
    venues: first(5),
    contractBounds: { min: 0.107, max: 1_000 },
    rounds: ['0.30', '0.20', '0.13', '0.09', '0.05', '0.02', '0.01', '0.01', '0.01', '0.01'].map(
      (price, minute) => ({ atSeconds: minute * 60, shown: Array(5).fill(price) }),
    ),
    right: [between(0.01, 0.01), between(0.01, 0.01)],
    ours: ['0.01', '0.01'],
  },
  {
    name: '2023-03 USDC at 0.88, three of six are quoted in it',
    source: 'galaxy.com and Risk DAO on that weekend',
    venues: ['coinbase', 'kraken', 'gate', 'binance:USDC', 'okx:USDC', 'bybit:USDC'],
    legOf: 'USDC',
    rounds: [0, 10].map((atSeconds) => ({
      atSeconds,
      shown: ['20000', '20010', '19995', '22727', '22735', '22720'],
      leg: '0.88',
    })),
    // Converted at 0.88 the three are worth 19994 to 20007.
    right: [between(19_993, 20_010)],
    ours: ['20000'],
  },
  {
    name: '2025-08 Hyperliquid XPL: 1.8 on one book, 0.55 elsewhere',
    source: 'Hyperliquid’s pre-launch market',
    venues: first(4),
    rounds: once(['1.8', '0.55', '0.56', '0.555']),
    right: [between(0.55, 0.56)],
    ours: ['0.5575'],
  },
  {
    name: '2025-10 USDe: 0.65 on three books of one owner',
    source: 'rfq.news and Binance’s compensation',
    venues: ['binance', 'binance-futures', 'binanceus', 'okx', 'bybit', 'kraken'],
    families: { binance: ['binance', 'binance-futures', 'binanceus'] },
    rounds: [0, 10, 20].map((atSeconds) => ({
      atSeconds,
      shown:
        atSeconds === 0
          ? ['1', '0.9995', '1', '0.999', '0.9985', '1']
          : ['0.65', '0.651', '0.652', '0.999', '0.9985', '1'],
    })),
    right: [orNothing(0.9985, 1), orNothing(0.9985, 1)],
    ours: ['hold dispersion', 'hold dispersion'],
  },
  {
    name: '2026-02 Moonwell cbETH: 1.12, a ratio without its factor',
    source: 'spendnode on cbETH',
    venues: first(3),
    rounds: [
      { atSeconds: 0, shown: ['2200', '2201', '2199'] },
      { atSeconds: 10, shown: ['1.12', '1.12', '1.12'] },
    ],
    right: [orNothing(2_199, 2_201)],
    ours: ['refused no-sources'],
  },
  {
    name: '2026-08 K2 on Stellar: one feed five hours old beside fresh ones',
    source: 'stenion #47',
    venues: first(3),
    rounds: once(['100', '100.01', '99.99'].map((price) => ({ price, ageSeconds: 5 * 3600 }))),
    right: [nothing],
    ours: ['refused no-sources'],
  },
  {
    name: '2026-09 MANTIS: a file of prices frozen for 23 hours',
    source: 'MANTIS #11',
    venues: first(3),
    rounds: once(
      ['100', '100.01', '99.99'].map((price) => ({ price, answerAgeSeconds: 23 * 3600 })),
    ),
    right: [nothing],
    ours: ['refused no-sources'],
  },
]

/** What happened too, and no rule over prices of venues could have told. */
export const notInPrices: Readonly<Record<string, string>> = {
  '2022-09 GMX AVAX': 'the price was right; the exchange traded it without slippage',
  '2022-10 Mango MNGO': 'every venue had the price; the market itself was bought up',
  '2023-11 dYdX YFI': 'every venue had the price; the market itself was bought up',
  '2025-03 Hyperliquid JELLY': 'every venue had the price; the market itself was bought up',
  '2025-04 KiloEx': 'anybody could set the price; engines here take signed reports alone',
  '2024-08 RedStone consumers':
    'an older package was taken; a push here must be newer than the exchange’s (push-policy.ts)',
}

export const scenarios: readonly Scenario[] = [...classics, ...incidents].map(toldAs)

function toldAs(told: Told): Scenario {
  const { name, source, right, ours, venues } = told
  const isOneKind = told.legOf === undefined && told.families === undefined
  const turns = isOneKind ? venues.map((_, turn) => turn) : [0]
  return {
    name,
    source,
    right,
    ours,
    variants: turns.map((turn) =>
      variantOf(told, [...venues.slice(turn), ...venues.slice(0, turn)].map(sourceOf)),
    ),
  }
}

function variantOf(told: Told, sources: readonly string[]): Variant {
  const { minSources = 3, families = {}, legOf, contractBounds } = told
  const legs = legOf === undefined ? {} : { [legOf]: legSources(legOf) }
  return {
    setup: {
      sources,
      legs,
      minSources,
      minLegSources: 3,
      everyMs: 10_000,
      families,
      rules: { ...roundRules, ...told.rules },
      legRules: roundRules,
      ...(contractBounds && { contractBounds }),
    },
    rounds: told.rounds.map(({ atSeconds, shown, leg = '-' }) => ({
      now: after(atSeconds * 1000),
      market: shown.flatMap((each, index) => seenAt(sources[index] ?? '', each, atSeconds)),
      legs: Object.fromEntries(
        Object.entries(legs).map(([currency, own]) => [
          currency,
          own.flatMap((each) => seenAt(each, leg, atSeconds)),
        ]),
      ),
    })),
  }
}

function sourceOf(text: string): string {
  const [venue = '', currency = 'USD'] = text.split(':')
  return `${venue}:BASE-${currency}`
}

function legSources(currency: string): readonly string[] {
  return ['coinbase', 'kraken', 'bitstamp'].map((venue) => `${venue}:${currency}-USD`)
}

function seenAt(source: string, shown: Shown, atSeconds: number): readonly Seen[] {
  if (shown === '-') return []
  const told = typeof shown === 'string' ? { price: shown } : shown
  return [seenOf(quoteOf(source, told, atSeconds), told.volume ?? 1)]
}

function quoteOf(source: string, told: Exclude<Shown, string>, atSeconds: number): Quote {
  const [venue = '', instrument = ''] = source.split(':')
  const { price = '0', bid = price, ask = price, ageSeconds = 0, answerAgeSeconds } = told
  const ago = (seconds: number) => after((atSeconds - seconds) * 1000)
  const hasTime = answerAgeSeconds === undefined
  return {
    venue,
    instrument,
    bid: flatBook(bid).bid,
    ask: flatBook(ask).ask,
    last: flatBook(price).last,
    timeKind: hasTime ? 'quote' : 'none',
    venueTime: hasTime ? ago(ageSeconds) : undefined,
    receivedAt: after(atSeconds * 1000),
    answeredAt: ago(answerAgeSeconds ?? 0),
    suspended: false,
  }
}
