import { verdictNames, type FastFeed } from '../fast-round/fast-feed.ts'
import { timeAt, unconvertible } from '../fast-round/fast-source.ts'
import { instrumentName } from '../instrument.ts'
import { floatAt } from '../recorded/price-column.ts'
import { hasTraded, type QuoteSeries } from '../recorded/quote-series.ts'
import type { FeedCourse, LeftSpan, SilentSpan } from './backtest-result.ts'
import { addTo, axisOf, bandOf, type BandState, openBand } from './bands.ts'
import { type Consensus, openConsensus } from './consensus.ts'
import { addOne, listedOf, type ListState, openList } from './lists.ts'

/** What a feed's course has so far: plain, so that it can be stored. */
export type FeedCourseState = {
  readonly seen: Uint8Array
  readonly price: BandState
  readonly consensus: BandState
  readonly outcomes: Record<string, number>
  readonly silent: ListState<SilentSpan>
  /** The one that goes on; undefined while there is a price. */
  open: { from: number; kind: 'hold' | 'refused'; reason: string; detail: string } | undefined
  readonly sources: readonly SourceState[]
  /** The last round. */
  at: number
}

type SourceState = {
  readonly price: BandState
  readonly deviationBps: BandState
  /** Rounds by number of verdict. */
  readonly verdicts: Float64Array
  readonly left: ListState<LeftSpan>
  verdict: number
  since: number
}

export type Span = { readonly from: number; readonly to: number; readonly everyMs: number }

const mostSpans = 200

export function newFeedCourse(sources: number, buckets: number): FeedCourseState {
  return {
    seen: new Uint8Array(buckets),
    price: openBand(buckets),
    consensus: openBand(buckets),
    outcomes: {},
    silent: openList(),
    open: undefined,
    sources: Array.from({ length: sources }, () => ({
      price: openBand(buckets),
      deviationBps: openBand(buckets),
      verdicts: new Float64Array(verdictNames.length),
      left: openList<LeftSpan>(),
      verdict: 0,
      since: 0,
    })),
    at: 0,
  }
}

export type FeedCourseWatch = {
  readonly consensus: Consensus
  /** Finds the consensus of a round, by legs whose own is known already. */
  readonly find: (now: number, legs: readonly Consensus[]) => void
  /** Notes a round after it was decided. */
  readonly note: (now: number, bucket: number) => void
  readonly result: (span: Span) => FeedCourse
}

/** Follows one feed. `isLean`: only what measures need, for runs of which nothing is drawn. */
export function watchFeed(
  last: FastFeed,
  state: FeedCourseState,
  of: {
    readonly slackBps: number
    readonly everyMs: number
    readonly rows: Int32Array
    readonly isLean: boolean
  },
): FeedCourseWatch {
  const { sources } = last
  const finder = openConsensus(sources.length, of.slackBps)
  const recentMs = Math.max(2 * of.everyMs, leastRecentMs)

  function find(now: number, legs: readonly Consensus[]): void {
    const { rows } = of
    for (const [at, { series, leg }] of sources.entries()) {
      const row = rows[at] ?? -1
      const said = series && row >= 0 ? saidIn(series, row, now - recentMs) : Number.NaN
      const rate = leg < 0 ? 1 : (legs[leg]?.middle ?? Number.NaN)
      finder.prices[at] = leg === unconvertible ? Number.NaN : said * rate
    }
    finder.find()
  }

  function noteOutcome(now: number): void {
    const { kind, reason, words } = last
    const outcome = kind === 'price' ? kind : `${kind} ${reason}`
    state.outcomes[outcome] = (state.outcomes[outcome] ?? 0) + 1
    if (state.open && (kind === 'price' || state.open.reason !== reason)) closeSilence(now)
    if (kind !== 'price') state.open ??= { from: now, kind, reason, detail: words?.detail ?? '' }
  }

  function closeSilence(now: number): void {
    if (!state.open) return
    const { open } = state
    addOne(state.silent, mostSpans, now - open.from, { ...open, to: now })
    state.open = undefined
  }

  function noteSource(at: number, now: number, bucket: number): void {
    const own = state.sources[at]
    if (!own) return
    const verdict = last.verdicts[at] ?? 0
    own.verdicts[verdict] = (own.verdicts[verdict] ?? 0) + 1
    if (verdict !== own.verdict) {
      closeLeft(own, now)
      own.verdict = verdict
      own.since = now
    }
    if (of.isLean) return
    addTo(own.price, bucket, last.floats[at] ?? Number.NaN)
    addTo(own.deviationBps, bucket, finder.deviationOf(at))
  }

  return {
    consensus: finder.all,
    find,
    note(now, bucket) {
      state.at = now
      state.seen[bucket] = 1
      noteOutcome(now)
      for (let at = 0; at < sources.length; at += 1) noteSource(at, now, bucket)
      if (of.isLean) return
      addTo(state.price, bucket, last.kind === 'price' ? last.float : Number.NaN)
      addTo(state.consensus, bucket, finder.all.middle)
    },
    result(span) {
      const end = state.at + of.everyMs
      closeSilence(end)
      for (const own of state.sources) closeLeft(own, end)
      return {
        feed: last.feed.feed,
        axis: axisOf(state.seen, span),
        price: bandOf(state.price, state.seen),
        consensus: bandOf(state.consensus, state.seen),
        sources: sources.map(({ source }, at) => resultOf(source, state, at)),
        outcomes: state.outcomes,
        silent: listedOf(state.silent, mostSpans, 'longest'),
      }
    },
  }
}

function closeLeft(own: SourceState, now: number): void {
  if (own.verdict === 0) return
  const verdict = verdictNames[own.verdict] ?? ''
  addOne(own.left, mostSpans, now - own.since, { from: own.since, to: now, verdict, detail: '' })
}

/** Ticks come when they come: what was said in the last seconds still stands. */
const leastRecentMs = 10_000

/** What a source said of the price lately: a bar's close, or the middle of a book. NaN where nothing. */
function saidIn(series: QuoteSeries, row: number, since: number): number {
  // A late repetition of old numbers says nothing of now.
  if ((series.knownAt[row] ?? 0) <= since || timeAt(series, row) <= since) return Number.NaN
  const traded = floatAt(series.last, row)
  if (series.isBars) return hasTraded(series, row) ? traded : Number.NaN
  const middle = (floatAt(series.bid, row) + floatAt(series.ask, row)) / 2
  return Number.isNaN(middle) ? traded : middle
}

function resultOf(
  { venue, instrument }: FastFeed['sources'][number]['source'],
  { sources, seen }: FeedCourseState,
  at: number,
): FeedCourse['sources'][number] {
  const own = sources[at]
  if (!own) throw new RangeError('every source has its course')
  return {
    venue,
    instrument: instrumentName(instrument),
    price: bandOf(own.price, seen),
    deviationBps: bandOf(own.deviationBps, seen),
    verdicts: Object.fromEntries(
      verdictNames.flatMap((name, number) => {
        const rounds = own.verdicts[number] ?? 0
        return rounds > 0 ? [[name, rounds]] : []
      }),
    ),
    left: listedOf(own.left, mostSpans, 'longest'),
  }
}
