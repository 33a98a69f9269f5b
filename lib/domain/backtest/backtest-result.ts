import type { PushPolicy } from '../push-policy.ts'

/**
 * All that one backtest came to: what `result.json` holds and what a report draws. Plain data, JSON as it is. Every time is
 * unix milliseconds. Money and prices that count are decimal text; numbers in a {@link Band} are floats for drawing alone.
 */
export type BacktestResult = {
  readonly format: typeof backtestFormat
  readonly run: BacktestRun
  /** In the network file's order. */
  readonly markets: readonly MarketResult[]
  /** By currency: `USDT`, priced as USDT-USD. */
  readonly legs: Readonly<Record<string, FeedCourse>>
  readonly exchange: ExchangeCourse
  readonly totals: Measures
  /** One for each swept parameter, and one for each pair of those that are asked for together. */
  readonly curves: readonly TradeOffCurve[]
}

export const backtestFormat = 'starkeep-backtest/2'

/** What was run: the same again gives the same result, byte for byte. */
export type BacktestRun = {
  /** The network's name in its file. */
  readonly network: string
  /** Of this program, as package.json has it. */
  readonly version: string
  /** What was changed in the network file, in the order in which it was asked for. */
  readonly changes: readonly ParameterValue[]
  /** All of the network's parameters as they were with the changes, and the hash that governance knows them by. */
  readonly parameters: { readonly hash: string; readonly values: Readonly<Record<string, string>> }
  /** Of all that is made by chance: the crowd of accounts. */
  readonly seed: number
  /** The first and the last round. */
  readonly from: number
  readonly to: number
  /** From one round to the next. */
  readonly everyMs: number
  readonly rounds: number
  /** Quotes that were aggregated, legs included: sources with a quote, summed over all rounds. */
  readonly quotes: number
  readonly recordings: readonly RecordingUsed[]
  readonly settings: BacktestSettings
}

/** A dotted path in the network file, and what it was set to, as JSON. */
export type ParameterValue = { readonly path: string; readonly value: string }

export type RecordingUsed = {
  /** Its name without folders. */
  readonly file: string
  readonly rows: number
  readonly from: number
  readonly to: number
  /** `venue symbol` that no feed of the network has. */
  readonly unused: readonly string[]
  /** Rows whose bid is above their ask, and the lines of the first ones: such a quote is no price, as live. */
  readonly crossed: { readonly all: number; readonly lines: readonly number[] }
  /** Longer pauses than the series usually makes: told, never filled. */
  readonly gaps: Listed<RecordingGap>
}

export type RecordingGap = {
  /** `venue instrument`. */
  readonly source: string
  /** The line after the gap. */
  readonly line: number
  readonly from: number
  readonly to: number
}

/** What is no parameter of the network, but of the world that it is tried in. */
export type BacktestSettings = {
  /** By which exchange's rules made accounts are funded, liquidated and deleveraged, in words. */
  readonly rules: string
  /** How often it is settled, or why not, in words. */
  readonly funding: string
  /** Gas of a push: of the transaction itself, and of each price in it. */
  readonly gasPerTransaction: number
  readonly gasPerPrice: number
  /** Of one gas, in USD as decimal text. */
  readonly usdPerGas: string
  /** From a round until its price is posted. */
  readonly pushLatencyMs: number
  /** From an account's fall until it can be liquidated. */
  readonly liquidationDelayMs: number
  /** A posted price is wrong where it is further than this outside of the consensus. */
  readonly wrongBps: number
  /** How far apart sound sources may be in the consensus. */
  readonly slackBps: number
  readonly crowd: CrowdSettings
}

/** The made accounts: see lib/domain/backtest/crowd.ts for how they are drawn. */
export type CrowdSettings = {
  readonly accounts: number
  /** In words, for people: how sizes, leverages and sides are distributed. */
  readonly distribution: string
  /** At the beginning, in USD as decimal text. */
  readonly insuranceFund: string
}

/** A market: its feed, what was posted of it, and its funding. */
export type MarketResult = FeedCourse & {
  /** When a push was due. */
  readonly policy: PushPolicy
  /** The posted price: what the exchange values positions by. */
  readonly mark: Band
  /**
   * How far the posted price is from the consensus of all sources, in bps of it: above zero where it is higher. Counted from
   * the consensus's edge, so that inside of it is zero.
   */
  readonly deviationBps: Band
  /** Now less the posted price's time, in seconds. */
  readonly ageSeconds: Band
  /** Times at which the posted price was wrong by the run's `wrongBps`. */
  readonly wrong: Listed<WrongSpan>
  readonly pushes: PushCourse
  /** One per epoch. */
  readonly funding: readonly FundingEpoch[]
  readonly measures: Measures
}

/** One feed's course: what its sources said, and what was made of it. */
export type FeedCourse = {
  readonly feed: string
  /** Of every band of this feed. */
  readonly axis: Axis
  /** The price of the round: what a node reports. */
  readonly price: Band
  /** The middle of what sound sources said, by interval agreement of all that have a price (Marzullo). */
  readonly consensus: Band
  readonly sources: readonly SourceCourse[]
  /** Rounds by outcome: `price`, `hold dispersion`, `refused too-few-sources`, … */
  readonly outcomes: Readonly<Record<string, number>>
  /** When there was no price, and why. */
  readonly silent: Listed<SilentSpan>
}

export type SourceCourse = {
  readonly venue: string
  /** Canonical instrument name. */
  readonly instrument: string
  /** In USD, converted. */
  readonly price: Band
  /** From the consensus of all the other sources, in bps of it; counted from its edge. */
  readonly deviationBps: Band
  /** Rounds by verdict: `agrees`, `disagrees`, `missing`, `invalid`, `stale`, `frozen`, … */
  readonly verdicts: Readonly<Record<string, number>>
  /** When it did not agree, and why. */
  readonly left: Listed<LeftSpan>
}

/**
 * The buckets of a long course. `at` is each bucket's end; a bucket has what was in (`at` - `bucketMs`, `at`]. Where a run has
 * no more rounds than buckets, a bucket is one round; buckets without any round are left out.
 */
export type Axis = { readonly bucketMs: number; readonly at: readonly number[] }

/**
 * One value's course, bucket by bucket: the lowest, the highest and the last of each, so that no extreme is lost by drawing
 * fewer points. null where there was no value. Floats: for drawing alone.
 */
export type Band = {
  readonly low: readonly (number | null)[]
  readonly high: readonly (number | null)[]
  readonly last: readonly (number | null)[]
}

/** Some of many: `all` says how many there were, `by` which are listed. Always in the order of time. */
export type Listed<T> = {
  readonly all: number
  readonly by: 'all' | 'longest' | 'largest'
  readonly listed: readonly T[]
}

export type SilentSpan = {
  readonly from: number
  /** The first round that was otherwise, or the end of the run. */
  readonly to: number
  readonly kind: 'hold' | 'refused'
  readonly reason: string
  /** Of its first round. */
  readonly detail: string
}

export type LeftSpan = {
  readonly from: number
  readonly to: number
  readonly verdict: string
  readonly detail: string
}

export type WrongSpan = {
  readonly from: number
  readonly to: number
  /** The furthest, away from zero. */
  readonly worstBps: number
}

export type PushCourse = {
  readonly pushes: number
  /** By why: `first`, `deviation`, `heartbeat`, `rider`. */
  readonly why: Readonly<Record<string, number>>
  /** In each bucket of the market's axis. */
  readonly perBucket: readonly number[]
  /** What they cost in all, and what one did on average, in USD as decimal text. */
  readonly costUsd: string
  readonly costPerPushUsd: string
  /** By how far the price went, where there are too many to list. */
  readonly list: Listed<Push>
}

export type Push = {
  /** When it was decided, and when it was posted. */
  readonly decidedAt: number
  readonly at: number
  readonly price: string
  readonly why: string
  /** From the price before; null for the first. */
  readonly moveBps: number | null
  readonly costUsd: string
}

export type FundingEpoch = {
  readonly at: number
  /** For the epoch, as a fraction: 0.0001 is paid by longs on their value where above zero. */
  readonly rate: string
  /** What the epoch's premiums averaged to, as a fraction, and from how many samples. */
  readonly premium: string
  readonly samples: number
  /** Whether the engine's cap cut it. */
  readonly capped: boolean
  /** What longs paid to shorts of this market (below zero: shorts to longs), in USD as decimal text. */
  readonly paidUsd: string
}

/** The made accounts and the insurance fund, under the exact rule of the exchange. */
export type ExchangeCourse = {
  readonly axis: Axis
  /** In USD. */
  readonly insuranceFund: Band
  readonly openInterest: Band
  /** How many can be liquidated, or owe more than they have. */
  readonly liquidatable: Band
  readonly bankrupt: Band
  /** What the insurance fund could not pay so far: winners lose it by deleverage, and what nobody could take is still owed. */
  readonly shortfall: Band
  readonly liquidations: Listed<Liquidation>
  readonly deleverages: Listed<Deleverage>
}

export type Liquidation = {
  readonly at: number
  readonly account: string
  readonly market: string
  /** From its first round below its margin requirement until this. */
  readonly waitedMs: number
  /** Value of what was closed, penalty, the liquidator's part of it, and what the fund paid: USD as decimal text. */
  readonly notionalUsd: string
  readonly penaltyUsd: string
  readonly rewardUsd: string
  readonly coverUsd: string
  /** Value of the account before, in USD: below zero where it was bankrupt. */
  readonly valueUsd: string
  /** By every price that sound sources said the account was healthy: a wrong price liquidated it. */
  readonly wrongful: boolean
}

export type Deleverage = {
  readonly at: number
  readonly account: string
  readonly counterparty: string
  readonly market: string
  readonly notionalUsd: string
  /** What the counterparty lost against the mark, in USD. */
  readonly lossUsd: string
}

/**
 * What a run came to in numbers, of one market or of all. A market's are of its own feed, pushes and positions; in the totals
 * seconds and counts are summed, and means are means over markets weighted by their judged time.
 */
export type Measures = {
  /** Time in which the consensus said what the price was, and something was posted. */
  readonly judgedSeconds: number
  /** Of that, the posted price was further than `wrongBps` outside of the consensus. */
  readonly wrongSeconds: number
  readonly worstBps: number
  /** Mean distance of the posted price from the consensus's middle, in bps, without sign. */
  readonly basisBps: number
  /** Time without a price of the round. */
  readonly silentSeconds: number
  /** Age of the posted price. */
  readonly meanAgeSeconds: number
  readonly maxAgeSeconds: number
  /** Time in which the posted price was older than its heartbeat. */
  readonly overdueSeconds: number
  readonly pushes: number
  /** USD as decimal text, all of these. */
  readonly pushCostUsd: string
  readonly liquidations: number
  readonly wrongfulLiquidations: number
  readonly liquidatedUsd: string
  readonly penaltiesUsd: string
  readonly fundPaidUsd: string
  readonly fundEndUsd: string
  readonly fundLowestUsd: string
  readonly shortfallUsd: string
  readonly deleverages: number
  readonly fundingPaidUsd: string
}

/** What other values of one parameter, or of two together, would have come to: the whole run once more for each point. */
export type TradeOffCurve = {
  /** One path, or two. */
  readonly paths: readonly string[]
  /** Of each path: `ms`, `bps`, `s`, `USD`; empty where it has none. */
  readonly units: readonly string[]
  /** In the order asked for; with two paths the second turns faster. */
  readonly points: readonly CurvePoint[]
}

export type CurvePoint = {
  /** One for each path, as JSON. */
  readonly values: readonly string[]
  /** The values of the run itself. */
  readonly isRun: boolean
  readonly measures: Measures
}
