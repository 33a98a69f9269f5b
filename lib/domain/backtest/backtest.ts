import { rateOf } from '../fast-round/fast-feed.ts'
import { openFastRounds } from '../fast-round/fast-rounds.ts'
import { type FeedPast, noPast } from '../fast-round/feed-past.ts'
import type { Source } from '../feed.ts'
import type { QuoteSeries } from '../recorded/quote-series.ts'
import { plainScan, type RowScan } from '../scan/row-scan.ts'
import { timestamp } from '../time.ts'
import type { BacktestResult, FeedCourse, MarketResult, Measures } from './backtest-result.ts'
import type { BacktestSetup } from './backtest-setup.ts'
import { bandOf, bucketCount, bucketMsOf } from './bands.ts'
import { noConsensus } from './consensus.ts'
import { type ExchangeState, newExchange, openExchange } from './exchange-course.ts'
import { type FeedCourseState, newFeedCourse, watchFeed } from './feed-course.ts'
import { type FundingState, newFunding, openFunding } from './funding-course.ts'
import { listedOf } from './lists.ts'
import {
  endWrong,
  measurePosted,
  type MeasureState,
  mostWrongSpans,
  newMeasure,
} from './measure.ts'
import { playExchange } from './play-exchange.ts'
import { newPushes, openPushes, type PushState } from './push-course.ts'
import { marketMeasures, totalMeasures } from './sum-up.ts'

/** All that a backtest has come to so far: plain data, so that it can be stored between any two rounds and gone on with. */
export type BacktestState = {
  round: number
  /** Rounds that were decided, and the states of sources that they looked at. */
  rounds: number
  quotes: number
  /** The last round had recordings; after a pause in them everything begins anew. */
  isRunning: boolean
  readonly pasts: readonly FeedPast[]
  readonly courses: readonly FeedCourseState[]
  readonly measures: readonly MeasureState[]
  readonly pushes: PushState
  readonly exchange: ExchangeState
  readonly funding: FundingState
  readonly seen: Uint8Array
}

/** What a run comes to, without what its caller knows of files. */
export type BacktestOutcome = Pick<BacktestResult, 'markets' | 'legs' | 'exchange' | 'totals'> & {
  readonly rounds: number
  readonly quotes: number
}

export type Backtest = {
  /** As it stands: to be stored before the next round. */
  readonly state: () => BacktestState
  /** The round that comes next, of how many there are from first to last. */
  readonly round: () => number
  readonly rounds: number
  /** Decides up to so many rounds; false where there are no more. */
  readonly run: (most: number) => boolean
  /** Ends what goes on yet, so it is asked for once, at the end. */
  readonly result: () => BacktestOutcome
}

type BacktestLook = {
  readonly setup: BacktestSetup
  readonly seriesOf: (source: Source) => QuoteSeries | undefined
  /** Of an earlier run of the same setup over the same series. */
  readonly state?: BacktestState
  readonly scan?: RowScan
  /** Only what measures need: nothing is drawn of it. */
  readonly isLean?: boolean
}

/** Where no source has said anything for so many rounds, there is no recording: crash days have years between them. */
const pauseRounds = 10
/** And for so long at least: rounds may be a second apart. */
const leastPauseMs = 600_000

export function newBacktest(setup: BacktestSetup): BacktestState {
  const buckets = bucketCount(setup)
  const feeds = [...setup.feeds.markets, ...Object.values(setup.feeds.legs)]
  const markets = setup.feeds.markets.length
  return {
    round: 0,
    rounds: 0,
    quotes: 0,
    isRunning: false,
    pasts: feeds.map(({ sources }) => noPast(sources.length)),
    courses: feeds.map(({ sources }) => newFeedCourse(sources.length, buckets)),
    measures: setup.feeds.markets.map(() => newMeasure(buckets)),
    pushes: newPushes(markets, buckets),
    exchange: newExchange(markets, buckets, setup.exchange.insuranceFund),
    funding: newFunding(markets),
    seen: new Uint8Array(buckets),
  }
}

/**
 * The keepers over a recording: in each round prices as publish-prices makes them, pushes as push-prices decides them, funding,
 * liquidations and deleverage by the same plans as live, over made accounts. The same setup over the same series gives the
 * same outcome to the last digit, also where it was stopped and gone on with from its state.
 */
export function openBacktest(look: BacktestLook): Backtest {
  const { setup, seriesOf, isLean = false } = look
  const state = look.state ?? newBacktest(setup)
  const { feeds, everyMs, from, to } = setup
  const rounds = Math.floor((to - from) / everyMs) + 1
  const bucketMs = bucketMsOf(setup)
  const fast = openFastRounds({ feeds, seriesOf, pasts: state.pasts })
  const all = [...fast.markets, ...fast.legs.map(({ last }) => last)]
  const watches = all.map((last, at) => {
    const course = state.courses[at]
    const rows = fast.rows[at]
    if (!course || !rows) throw new RangeError('the state is of another setup')
    return watchFeed(last, course, { slackBps: setup.slackBps, everyMs, rows, isLean })
  })
  const marketWatches = watches.slice(0, fast.markets.length)
  const legWatches = watches.slice(fast.markets.length)
  const pushes = openPushes(state.pushes, {
    markets: fast.markets,
    policy: setup.push,
    costs: setup.costs,
    latencyMs: setup.pushLatencyMs,
  })
  const played = playExchange(
    setup.exchange,
    feeds.markets.map(({ feed }) => feed),
  )
  const exchange = openExchange(state.exchange, {
    setup,
    played,
    scan: look.scan ?? plainScan(),
    isLean,
  })
  const funding =
    setup.funding &&
    openFunding(state.funding, {
      setup: setup.funding,
      played,
      markets: fast.markets,
      rows: fast.rows,
      exchange: {
        fundingEpoch: state.exchange.fundingEpoch,
        fundingIndex: state.exchange.fundingIndex,
        longOf: exchange.longOf,
      },
    })
  const rows = [
    ...new Set(all.flatMap(({ sources }) => sources.flatMap(({ series }) => series ?? []))),
  ]

  /** Some source said something lately. */
  function isRecorded(now: number): boolean {
    const since = now - Math.max(pauseRounds * everyMs, leastPauseMs)
    for (const [at, feed] of all.entries())
      for (let source = 0; source < feed.sources.length; source += 1) {
        const row = fast.rows[at]?.[source] ?? -1
        const knownAt = row < 0 ? undefined : feed.sources[source]?.series?.knownAt[row]
        if (knownAt !== undefined && knownAt > since) return true
      }
    return false
  }

  /** The round from which on something is recorded again. */
  function nextRecorded(now: number): number {
    let next = Infinity
    for (const { knownAt, length } of rows) {
      const row = firstAfter(knownAt, length, now)
      if (row < length) next = Math.min(next, knownAt[row] ?? Infinity)
    }
    return Math.max(state.round + 1, Math.ceil((next - from) / everyMs))
  }

  function forget(now: number): void {
    for (const own of state.measures) endWrong(own, now)
    pushes.forget()
    exchange.forget()
    funding?.forget()
  }

  function decide(now: number): void {
    const bucket = Math.floor((now - from) / bucketMs)
    state.seen[bucket] = 1
    pushes.land(now)
    fast.decide(state.round, timestamp(now))
    state.rounds += 1
    state.quotes += fast.quotes()
    findTruth(now)
    for (const watch of watches) watch.note(now, bucket)
    pushes.decide(timestamp(now), bucket)
    pushes.land(now)
    const { posted } = state.pushes
    const rates = fast.legs.map(({ last }) => rateOf(last))
    const hasMoved = funding?.step(now, posted, rates) ?? false
    lookAtAccounts(now, bucket, hasMoved)
    goOn(now, bucket)
  }

  /** What sources say at a time, whatever any rule makes of it. */
  function findTruth(now: number): void {
    for (const watch of legWatches) watch.find(now, [])
    const legs = legWatches.map(({ consensus }) => consensus)
    for (const watch of marketWatches) watch.find(now, legs)
  }

  function lookAtAccounts(now: number, bucket: number, hasMoved: boolean): void {
    const { posted, isNew } = state.pushes
    state.pushes.isNew = false
    const isChanged = isNew || hasMoved
    exchange.step({ now, round: state.round, bucket, posted, isChanged, truth })
  }

  function truth(market: number): readonly bigint[] | undefined {
    const { low, middle, high } = marketWatches[market]?.consensus ?? noConsensus()
    return Number.isNaN(middle) ? undefined : [low, middle, high].map(wholeUsd)
  }

  /** Until the next round: what is posted meanwhile, and whoever it lets fall. */
  function goOn(now: number, bucket: number): void {
    const end = now + everyMs
    let at = now
    let judged = now
    while (at < end) {
      const judgedNext = judged + setup.judgeMs
      const next = Math.min(
        end,
        judgedNext,
        pushes.landing(end - 1) ?? end,
        exchange.readyAfter(at),
      )
      for (const [market, own] of state.measures.entries())
        measureOne(own, market, { from: at, to: next, bucket })
      at = next
      if (at === end) break
      if (at === judgedNext) {
        fast.seek(timestamp(at))
        findTruth(at)
        judged = at
      }
      pushes.land(at)
      lookAtAccounts(at, bucket, false)
    }
    for (const [market, own] of state.measures.entries())
      if (fast.markets[market]?.kind !== 'price') own.silentMs += everyMs
  }

  function measureOne(
    own: MeasureState,
    market: number,
    stretch: { readonly from: number; readonly to: number; readonly bucket: number },
  ): void {
    const posted = state.pushes.posted[market]
    const policy = pushes.policies[market]
    const consensus = marketWatches[market]?.consensus ?? noConsensus()
    if (!posted || !policy) return
    measurePosted(own, posted, { stretch, consensus, policy, wrongBps: setup.wrongBps, isLean })
  }

  function step(): boolean {
    if (state.round >= rounds) return false
    const now = from + state.round * everyMs
    fast.seek(timestamp(now))
    if (!isRecorded(now)) {
      if (state.isRunning) forget(now)
      state.isRunning = false
      state.round = nextRecorded(now)
      return state.round < rounds
    }
    state.isRunning = true
    decide(now)
    state.round += 1
    return true
  }

  return {
    state: () => {
      funding?.store()
      return state
    },
    round: () => state.round,
    rounds,
    run(most) {
      for (let count = 0; count < most; count += 1) if (!step()) return false
      return state.round < rounds
    },
    result(): BacktestOutcome {
      const end = Math.min(to, from + (state.round - 1) * everyMs) + everyMs
      for (const own of state.measures) endWrong(own, end)
      const measures = state.measures.map((own, market) =>
        marketMeasures(own, {
          pushes: state.pushes,
          exchange: state.exchange,
          funding: state.funding,
          market,
        }),
      )
      const courses = watches.map((watch) => watch.result(setup))
      return {
        rounds: state.rounds,
        quotes: state.quotes,
        markets: fast.markets.map((_, market) =>
          marketOf(market, courses[market], measures[market]),
        ),
        legs: Object.fromEntries(
          fast.legs.map(({ currency }, at) => [currency, courses[fast.markets.length + at]]),
        ) as Readonly<Record<string, FeedCourse>>,
        exchange: exchange.result(state.seen, setup),
        totals: totalMeasures(measures, state.exchange),
      }
    },
  }

  function marketOf(
    market: number,
    course: FeedCourse | undefined,
    measures: Measures | undefined,
  ): MarketResult {
    const own = state.measures[market]
    const seen = state.courses[market]?.seen
    const policy = pushes.policies[market]
    if (!course || !measures || !own || !seen || !policy)
      throw new RangeError('every market has its course')
    return {
      ...course,
      policy,
      mark: bandOf(own.mark, seen),
      deviationBps: bandOf(own.deviationBps, seen),
      ageSeconds: bandOf(own.ageSeconds, seen),
      wrong: listedOf(own.wrong, mostWrongSpans, 'longest'),
      pushes: pushes.result(market, seen),
      funding: state.funding.epochs[market] ?? [],
      measures,
    }
  }
}

function firstAfter(times: Float64Array, length: number, after: number): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] ?? Infinity) <= after) low = middle + 1
    else high = middle
  }
  return low
}

/** In 1e-18 USD. */
function wholeUsd(value: number): bigint {
  return BigInt(Math.round(value * 1e9)) * 1_000_000_000n
}
