import type { FeedMemory } from '../price-feed.ts'
import type { HeldPrice } from '../price-round.ts'
import { exactUsd, oneUsd, parseUsd, usdFloat, usdText } from './exact-usd.ts'
import type { FastSource, LegRate } from './fast-source.ts'

/** What one feed remembers from round to round: `FeedMemory` in columns, of which its texts are made only when asked for. */
export type FeedPast = {
  /** By source: the tuple that it showed last, and since when; NaN where it never did. */
  readonly tuples: Uint32Array
  readonly since: Float64Array
  /** What each source said when some tuple was new. */
  moments: Moment[]
  accepted: AcceptedUsd | undefined
  held: HeldPrice | undefined
  /** There was a round before. */
  isBegun: boolean
}

export type AcceptedUsd = { readonly price: bigint; readonly float: number; readonly at: number }

/** The prices beside which one `since` began: the row and the leg that each is made of, and a double of it (NaN: not noted). */
export type Moment = {
  since: number
  readonly floats: Float64Array
  readonly rows: Int32Array
  readonly rates: (LegRate | undefined)[]
  /** How many are noted. */
  noted: number
}

export function noPast(sources: number): FeedPast {
  return {
    tuples: new Uint32Array(sources),
    since: new Float64Array(sources).fill(Number.NaN),
    moments: [],
    accepted: undefined,
    held: undefined,
    isBegun: false,
  }
}

export function newMoment(sources: number): Moment {
  return {
    since: 0,
    floats: new Float64Array(sources).fill(Number.NaN),
    rows: new Int32Array(sources),
    rates: Array.from({ length: sources }, () => undefined),
    noted: 0,
  }
}

export function clearMoment(moment: Moment, since: number): void {
  moment.since = since
  moment.floats.fill(Number.NaN)
  moment.noted = 0
}

export function momentAt(moments: readonly Moment[], since: number): Moment | undefined {
  for (const moment of moments) if (moment.since === since) return moment
  return undefined
}

/** Takes what the exact rule remembers of prices; tuples and moments are kept here alike whoever decided. */
export function takeDecided(past: FeedPast, { accepted, held }: FeedMemory): void {
  past.held = held
  if (!accepted) return
  const price = parseUsd(accepted.price)
  past.accepted = { price, float: usdFloat(price), at: accepted.at }
}

/** The same as the exact rule's, in its order. */
export function memoryOf(past: FeedPast, sources: readonly FastSource[]): FeedMemory {
  const { tuples, since, accepted, held, isBegun } = past
  if (!isBegun) return { tuples: undefined, accepted: undefined, held: undefined }
  const shown = sources.flatMap(({ key }, at) =>
    Number.isNaN(since[at])
      ? []
      : [[key, { tuple: (tuples[at] ?? 0).toString(36), since: since[at] ?? 0 }] as const],
  )
  const times = [...new Set(shown.map(([, one]) => one.since))]
  return {
    tuples: {
      sources: Object.fromEntries(shown),
      prices: Object.fromEntries(
        times.map((time) => [time, notesOf(momentAt(past.moments, time), sources)]),
      ),
    },
    accepted: accepted && { price: usdText(accepted.price), at: accepted.at },
    held,
  }
}

function notesOf(
  moment: Moment | undefined,
  sources: readonly FastSource[],
): Readonly<Record<string, string>> {
  if (!moment) return {}
  return Object.fromEntries(
    sources.flatMap(({ key, series }, at) => {
      if (!series || Number.isNaN(moment.floats[at])) return []
      const rate = moment.rates[at]?.price ?? oneUsd
      return [[key, usdText(exactUsd(series, moment.rows[at] ?? 0, rate))] as const]
    }),
  )
}
