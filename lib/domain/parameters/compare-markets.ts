import { Decimal } from '../decimal.ts'
import type { FeedResult } from '../price-round.ts'
import { type ComparedSlot, feedsOf, refusalOf, type SlotDecision } from './compared-slot.ts'
import type { Compared, ShadowCourse, ShadowMarket, ShadowPushes } from './shadow-report.ts'

/** As many points as a plot can show. */
const buckets = 240

/** Of one slot what each of the two made of prices. */
type PricedSlot = Pick<ComparedSlot, 'at'> & Compared<Pick<SlotDecision, 'recorded'>>

type Span = { readonly from: number; readonly to: number }

/** A price that one of the two would have told. */
export type ToldAt = { readonly market: string; readonly at: number }

export type Told = Compared<readonly ToldAt[]>

type Tally = {
  compared: number
  differ: number
  readonly bps: number[]
  worst: { readonly bps: number; readonly at: number } | null
  readonly refusals: Compared<Record<string, number>>
  readonly prices: Compared<(number | null)[]>
  readonly deviations: (number | null)[]
}

/**
 * How each market's prices differ, of one node's slots of publish-prices; and how often each of the two would have told them.
 * Distances are floats, for drawing and reading alone.
 */
export function compareMarkets(
  slots: readonly PricedSlot[],
  { span, told, costOf }: { span: Span; told: Told; costOf: (count: number) => string | null },
): readonly ShadowMarket[] {
  const tallies = new Map<string, Tally>()
  for (const slot of slots) {
    const others = new Map(feedsOf(slot.candidate).map((one) => [nameOf(one), one]))
    for (const own of feedsOf(slot.active)) {
      if (own.role !== 'market') continue
      const tally = tallies.get(own.feed) ?? newTally()
      tallies.set(own.feed, tally)
      add(tally, {
        own,
        other: others.get(nameOf(own)),
        at: slot.at,
        place: placeOf(slot.at, span),
      })
    }
  }
  return [...tallies].map(([market, tally]): ShadowMarket => {
    const pushes = pushesOf(market, told, costOf)
    return {
      market,
      compared: tally.compared,
      differ: tally.differ,
      medianBps: medianOf(tally.bps),
      worst: tally.worst,
      pushes,
      refusals: tally.refusals,
      course: courseOf(tally, { market, span, told }),
    }
  })
}

export function pushesOf(
  market: string | undefined,
  told: Told,
  costOf: (count: number) => string | null,
): Compared<ShadowPushes> {
  const of = (all: readonly ToldAt[]): ShadowPushes => {
    const count = all.filter((one) => market === undefined || one.market === market).length
    return { count, costUsd: costOf(count) }
  }
  return { active: of(told.active), candidate: of(told.candidate) }
}

function newTally(): Tally {
  return {
    compared: 0,
    differ: 0,
    bps: [],
    worst: null,
    refusals: { active: {}, candidate: {} },
    prices: { active: noPrices(), candidate: noPrices() },
    deviations: noPrices(),
  }
}

function noPrices(): null[] {
  return Array.from({ length: buckets }, () => null)
}

function add(
  tally: Tally,
  {
    own,
    other,
    at,
    place,
  }: {
    readonly own: FeedResult
    readonly other: FeedResult | undefined
    readonly at: number
    readonly place: number
  },
): void {
  tally.compared += 1
  const [one, two] = [priceOf(own), priceOf(other)]
  countReason(tally.refusals.active, refusalOf(own))
  countReason(tally.refusals.candidate, other ? refusalOf(other) : 'refused not-listed')
  if (textOf(own) !== textOf(other)) tally.differ += 1
  if (one) tally.prices.active[place] = one.toNumber()
  if (two) tally.prices.candidate[place] = two.toNumber()
  if (!one || !two) return
  const bps = two.sub(one).div(one).mul(10_000).toNumber()
  tally.bps.push(Math.abs(bps))
  if (Math.abs(bps) > Math.abs(tally.worst?.bps ?? 0)) tally.worst = { bps, at }
  const before = tally.deviations[place] ?? null
  if (before === null || Math.abs(bps) > Math.abs(before)) tally.deviations[place] = bps
}

function courseOf(
  { prices, deviations }: Tally,
  { market, span, told }: { readonly market: string; readonly span: Span; readonly told: Told },
): ShadowCourse {
  const counts = (all: readonly ToldAt[]): readonly number[] => {
    const found = Array.from({ length: buckets }, () => 0)
    for (const one of all) {
      const place = placeOf(one.at, span)
      if (one.market === market) found[place] = (found[place] ?? 0) + 1
    }
    return found
  }
  const width = (span.to - span.from) / buckets
  return {
    at: Array.from({ length: buckets }, (_, place) => Math.round(span.from + (place + 1) * width)),
    price: prices,
    deviationBps: deviations,
    pushes: { active: counts(told.active), candidate: counts(told.candidate) },
  }
}

function placeOf(at: number, { from, to }: Span): number {
  if (to <= from) return 0
  return Math.min(buckets - 1, Math.max(0, Math.floor(((at - from) * buckets) / (to - from))))
}

function priceOf(result: FeedResult | undefined): Decimal | undefined {
  return result?.outcome.kind === 'price' ? new Decimal(result.outcome.price) : undefined
}

function textOf(result: FeedResult | undefined): string {
  if (!result) return 'refused not-listed'
  return refusalOf(result) ?? priceOf(result)?.toFixed() ?? ''
}

function nameOf({ role, feed }: FeedResult): string {
  return `${role} ${feed}`
}

function countReason(refusals: Record<string, number>, reason: string | undefined): void {
  if (reason !== undefined) refusals[reason] = (refusals[reason] ?? 0) + 1
}

/** Of an even count the lower of the two in the middle. */
function medianOf(values: readonly number[]): number | null {
  return values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) / 2)] ?? null
}
