import type { PushPolicy } from '../push-policy.ts'
import type { WrongSpan } from './backtest-result.ts'
import { addTo, type BandState, openBand } from './bands.ts'
import { type Consensus, outsideBps } from './consensus.ts'
import { addOne, type ListState, openList } from './lists.ts'

/** A price as the exchange has it. */
export type PostedUsd = {
  /** In 1e-18 USD. */
  readonly price: bigint
  readonly float: number
  /** Of its reports. */
  readonly publishedAt: number
}

/** How right the posted price was so far, in milliseconds and bps: plain, so that it can be stored. */
export type MeasureState = {
  judgedMs: number
  wrongMs: number
  worstBps: number
  /** The distance from the consensus's middle, times how long it was so. */
  basisBpsMs: number
  silentMs: number
  postedMs: number
  /** Age, times how long it was so. */
  ageMsMs: number
  maxAgeMs: number
  overdueMs: number
  readonly mark: BandState
  readonly deviationBps: BandState
  readonly ageSeconds: BandState
  readonly wrong: ListState<WrongSpan>
  open: { from: number; worstBps: number } | undefined
}

export const mostWrongSpans = 500

export function newMeasure(buckets: number): MeasureState {
  return {
    judgedMs: 0,
    wrongMs: 0,
    worstBps: 0,
    basisBpsMs: 0,
    silentMs: 0,
    postedMs: 0,
    ageMsMs: 0,
    maxAgeMs: 0,
    overdueMs: 0,
    mark: openBand(buckets),
    deviationBps: openBand(buckets),
    ageSeconds: openBand(buckets),
    wrong: openList(),
    open: undefined,
  }
}

export type Stretch = { readonly from: number; readonly to: number; readonly bucket: number }

/** What was posted through a stretch of time, against what sources said at its beginning. */
export function measurePosted(
  state: MeasureState,
  posted: PostedUsd,
  of: {
    readonly stretch: Stretch
    readonly consensus: Consensus
    readonly policy: PushPolicy
    readonly wrongBps: number
    readonly isLean: boolean
  },
): void {
  const { from, to, bucket } = of.stretch
  const ms = to - from
  if (ms <= 0) return
  const age = from - posted.publishedAt
  state.postedMs += ms
  state.ageMsMs += (age + ms / 2) * ms
  state.maxAgeMs = Math.max(state.maxAgeMs, age + ms)
  state.overdueMs += Math.min(ms, Math.max(0, age + ms - of.policy.heartbeatSeconds * 1_000))
  const away = outsideBps(posted.float, of.consensus)
  if (!of.isLean) {
    addTo(state.mark, bucket, posted.float)
    addTo(state.deviationBps, bucket, away)
    addTo(state.ageSeconds, bucket, age / 1_000)
  }
  if (Number.isNaN(away)) {
    endWrong(state, from)
    return
  }
  const { middle } = of.consensus
  state.judgedMs += ms
  state.basisBpsMs += (Math.abs(posted.float - middle) / middle) * 10_000 * ms
  state.worstBps = Math.max(state.worstBps, Math.abs(away))
  if (Math.abs(away) <= of.wrongBps) {
    endWrong(state, from)
    return
  }
  state.wrongMs += ms
  state.open ??= { from, worstBps: away }
  if (Math.abs(away) > Math.abs(state.open.worstBps)) state.open.worstBps = away
}

/** Ends the time in which it was wrong, where it was. */
export function endWrong(state: MeasureState, at: number): void {
  if (!state.open) return
  const { from, worstBps } = state.open
  addOne(state.wrong, mostWrongSpans, at - from, {
    from,
    to: at,
    worstBps: Number(worstBps.toPrecision(9)),
  })
  state.open = undefined
}
